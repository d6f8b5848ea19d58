import { isIP } from 'node:net';
import { z } from 'zod';
import { parseByteSize } from './lib/byte-size.ts';

/** Fields of the configuration: each reads the text of one environment variable and says what it expects. */

/** `read` returns undefined for a text that does not fit; `expected` completes the sentence "expected …". */
export function field<T>(expected: string, read: (text: string) => T | undefined) {
  return z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

export const text = (expected = 'a text') => field(expected, (value) => value);

export function integer(min: number, max: number) {
  return field(`a whole number from ${min} to ${max}`, (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    return number >= min && number <= max ? number : undefined;
  });
}

export const flag = () => field('true or false', readFlag);

export function readFlag(value: string): boolean | undefined {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  return /^(false|0|no|off)$/i.test(value) ? false : undefined;
}

export const hostName = () =>
  field('a host name or an address', (value) => (/^[\w.:-]+$/.test(value) ? value : undefined));

/** A port, 0 for any that is free, or null for `off`. */
export const portOrOff = () =>
  field<number | null>('a port from 0 to 65535, or off', (value) => {
    if (/^off$/i.test(value)) return null;
    return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined;
  });

/** The address of an SSH server. The user is `git`, named or not; a slash at the end is dropped. */
export const sshUrl = () =>
  field('a URL such as ssh://git@hub.example.org:2222', (value) => {
    const [, host, port = ''] =
      /^ssh:\/\/(?:git@)?([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?\/*$/i.exec(value) ?? [];
    return host && Number(port.slice(1)) <= 65_535 ? `ssh://git@${host}${port}` : undefined;
  });

/** Paths of files, comma-separated. */
export const paths = () =>
  field<readonly string[]>('paths of files, separated by commas', (value) => {
    const parts = value.split(',').map((part) => part.trim());
    return parts.every(Boolean) ? parts : undefined;
  });

export function oneOf<const Names extends readonly string[]>(names: Names) {
  return field<Names[number]>(`one of ${names.join(', ')}`, (value) =>
    names.find((name) => name === value.toLowerCase()),
  );
}

/** A number of bytes: `5000000`, `10MB` or `10MiB`. */
export function byteSize(min: number, max: number) {
  return field(`a size from ${min} to ${max} bytes, such as 10000000, 10MB or 10MiB`, (value) => {
    const sizeBytes = parseByteSize(value);
    return sizeBytes !== null && sizeBytes >= min && sizeBytes <= max ? sizeBytes : undefined;
  });
}

/** A number of bytes, or null for `unlimited` and `none`. */
export const quota = () =>
  field('a size such as 10GB, or unlimited', (value) =>
    /^(unlimited|none)$/i.test(value) ? null : (parseByteSize(value) ?? undefined),
  );

/** An absolute http or https URL without query; a slash at its end is dropped. */
export const httpUrl = () =>
  field('an http:// or https:// URL without user, query and fragment', (value) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (!url || !/^https?:$/.test(url.protocol)) return undefined;
    if (url.username || url.password || url.search || url.hash) return undefined;
    return url.href.replace(/\/+$/, '');
  });

export const postgresUrl = () =>
  field('a URL such as postgres://user:password@host:5432/database', (value) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    return url && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1 ? value : undefined;
  });

/** 32 bytes as 64 hexadecimal digits or as base64; the value is the hexadecimal form. */
export const key32 = () =>
  field(
    '32 random bytes as 64 hexadecimal digits or as base64, for example from "openssl rand -hex 32"',
    (value) => {
      if (/^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
      if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(value)) return undefined;
      return Buffer.from(value, 'base64').toString('hex');
    },
  );

/** File name endings, comma-separated; the value is lower case. */
export const suffixes = () =>
  field<readonly string[]>('suffixes such as .bin,.safetensors', (value) => {
    const parts = value.split(',').map((part) => part.trim().toLowerCase());
    return parts.every((part) => /^\.[\w.+-]+$/.test(part)) ? parts : undefined;
  });

/** How mail is encrypted: `true` is STARTTLS, `implicit` is TLS from the first byte. */
export const smtpTls = () =>
  field<'starttls' | 'implicit' | 'none'>('true (STARTTLS), implicit, or false', (value) => {
    if (value.toLowerCase() === 'implicit') return 'implicit';
    const answer = readFlag(value);
    if (answer === undefined) return undefined;
    return answer ? 'starttls' : 'none';
  });

/** Which proxies may name the caller's address: nobody, everybody, or these addresses and networks. */
export const trustedProxies = () =>
  field<boolean | readonly string[]>(
    'true, false, or a list of addresses and networks such as 10.0.0.0/8',
    (value) => {
      const answer = readFlag(value);
      if (answer !== undefined) return answer;
      const parts = value.split(',').map((piece) => piece.trim());
      return parts.every((piece) => isNetwork(piece)) ? parts : undefined;
    },
  );

function isNetwork(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (!family || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
