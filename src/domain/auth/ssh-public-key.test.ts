import { describe, expect, it } from 'vitest';
import { SAMPLE_KEYS } from '../../../test/support/ssh-samples.ts';
import { parseSshPublicKey, SSH_KEY_TYPES, type SshKeyType } from './ssh-public-key.ts';

function field(bytes: string | Buffer): Buffer {
  const content = Buffer.from(bytes as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

function line(type: string, ...fields: readonly (string | Buffer)[]): string {
  return `${type} ${Buffer.concat(fields.map(field)).toString('base64')}`;
}

function sample(type: SshKeyType): { base64: string; blob: Buffer } {
  const { base64 } = SAMPLE_KEYS.find((key) => key.type === type)!;
  return { base64, blob: Buffer.from(base64, 'base64') };
}

/** The fields of a sample. */
function fieldsOf(type: SshKeyType): Buffer[] {
  const { blob } = sample(type);
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    const end = at + 4 + blob.readUInt32BE(at);
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

it('knows a sample of each type', () => {
  expect(new Set(SAMPLE_KEYS.map((key) => key.type))).toEqual(new Set(SSH_KEY_TYPES));
});

it.each(SAMPLE_KEYS)('$type: reads the key and its fingerprint', ({ type, base64, fingerprint }) => {
  const blob = Buffer.from(base64, 'base64');
  for (const text of [
    `${type} ${base64}`,
    `  ${type}\t${base64} ada@laptop with words\n`,
    `${type} ${base64} häuptling\r\n`,
  ]) {
    expect(parseSshPublicKey(text)).toEqual({ type, blob, fingerprint });
  }
});

it.each(SAMPLE_KEYS)('$type: refuses it cut off, or with something behind it', ({ type, base64 }) => {
  const blob = Buffer.from(base64, 'base64');
  for (let length = 0; length < blob.length; length += 7) {
    expect(() => parseSshPublicKey(`${type} ${blob.toString('base64', 0, length)}`)).toThrow('key: ');
  }
  const longer = Buffer.concat([blob, field('x')]).toString('base64');
  expect(() => parseSshPublicKey(`${type} ${longer}`)).toThrow('something follows');
});

describe('refuses', () => {
  const ed = sample('ssh-ed25519').base64;
  const [, exponent, modulus] = fieldsOf('ssh-rsa');
  const [, curve, point] = fieldsOf('ecdsa-sha2-nistp256');
  const [, p, q, g, y] = fieldsOf('ssh-dss');
  const offCurve = Buffer.from(point!);
  offCurve[offCurve.length - 1]! ^= 1;
  const compressed = Buffer.concat([Buffer.from([2]), point!.subarray(1, 33)]);
  const even = Buffer.from(modulus!);
  even[even.length - 1]! &= 0xfe;
  const negative = Buffer.from(modulus!.subarray(1));
  const padded = Buffer.concat([Buffer.alloc(1), modulus!]);
  const otherGroup = Buffer.from(q!);
  otherGroup[20]! ^= 2;
  const one = Buffer.from([1]);

  it.each([
    ['nothing', ''],
    ['a type alone', 'ssh-ed25519'],
    ['options before the key', `command="sh" ssh-ed25519 ${ed}`],
    ['two lines', `ssh-ed25519 ${ed}\nssh-ed25519 ${ed}`],
    ['a NUL', `ssh-ed25519 ${ed} a\0b`],
    ['a key in words', `ssh-ed25519 ${ed.slice(0, 20)} ${ed.slice(20)}`],
    ['base64 without its end', `ssh-rsa ${sample('ssh-rsa').base64.slice(0, -1)}`],
    ['base64 of URLs', `ssh-ed25519 ${ed.replace('IIEHUdvgy8m0', 'IIEHUdv_y8m0')}`],
    ['another type outside', `ssh-rsa ${ed}`],
    ['another type inside', line('ssh-ed25519', 'ssh-rsa', Buffer.alloc(32, 1))],
    ['a certificate', `ssh-ed25519-cert-v01@openssh.com ${ed}`],
    ['a key of a security token', `sk-ssh-ed25519@openssh.com ${ed}`],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END'],
    ['RFC 4716', `---- BEGIN SSH2 PUBLIC KEY ----\n${ed}\n---- END SSH2 PUBLIC KEY ----`],
    ['a short ed25519 key', line('ssh-ed25519', 'ssh-ed25519', Buffer.alloc(31, 1))],
    ['a point off the curve', line('ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256', curve!, offCurve)],
    ['a compressed point', line('ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256', curve!, compressed)],
    ['another curve', line('ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256', 'nistp384', point!)],
    ['an RSA key of 1024 bits', line('ssh-rsa', 'ssh-rsa', exponent!, modulus!.subarray(0, 129))],
    ['an RSA key of 20000 bits', line('ssh-rsa', 'ssh-rsa', exponent!, Buffer.alloc(2500, 0x7f))],
    ['an exponent of 1', line('ssh-rsa', 'ssh-rsa', one, modulus!)],
    ['an even exponent', line('ssh-rsa', 'ssh-rsa', Buffer.from([4]), modulus!)],
    ['an exponent of 100 bits', line('ssh-rsa', 'ssh-rsa', Buffer.alloc(13, 0x0f), modulus!)],
    ['an even modulus', line('ssh-rsa', 'ssh-rsa', exponent!, even)],
    ['a negative modulus', line('ssh-rsa', 'ssh-rsa', exponent!, negative)],
    ['a modulus with zeros before it', line('ssh-rsa', 'ssh-rsa', exponent!, padded)],
    ['no modulus', line('ssh-rsa', 'ssh-rsa', exponent!, '')],
    ['a DSA key of y = 1', line('ssh-dss', 'ssh-dss', p!, q!, g!, one)],
    ['a DSA key of another group', line('ssh-dss', 'ssh-dss', p!, otherGroup, g!, y!)],
    ['a DSA key of 2048 bits', line('ssh-dss', 'ssh-dss', modulus!, q!, g!, y!)],
    ['a field longer than the key', `ssh-ed25519 ${Buffer.from('ffffffff', 'hex').toString('base64')}`],
    ['a very long comment', `ssh-ed25519 ${ed} ${'x'.repeat(10_000)}`],
  ])('%s', (_name, text) => {
    expect(() => parseSshPublicKey(text)).toThrow(
      expect.objectContaining({ code: 'BadRequest', message: expect.stringMatching(/^key: /) }),
    );
  });

  it('never repeats what looks like a private key', () => {
    expect(() => parseSshPublicKey('-----BEGIN RSA PRIVATE KEY-----\nMIIsecret')).toThrow(
      'this is a private key',
    );
  });
});
