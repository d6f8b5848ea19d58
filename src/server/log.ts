import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import type { Config } from '../config.ts';

const REDACTED = '[redacted]';

/** Fields that are never written, on the first two levels of what is logged. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'newPassword',
  'currentPassword',
  'secret',
  'secretKey',
  'token',
  'accessToken',
  'apiKey',
];
const REDACT_PATHS = [...SECRET_FIELDS, '["set-cookie"]'].flatMap((name) => [
  name,
  name.startsWith('[') ? `*${name}` : `*.${name}`,
]);

/**
 * Secrets inside texts, such as a URL in the message of an error: whatever field they are in, the written line loses
 * them. Each pattern keeps its first group. None of them matches a quote, so a JSON line stays JSON.
 */
const SECRET_TEXTS: readonly RegExp[] = [
  // Query parameters of signed URLs and of links in mails. A whole link stays when it verifies an address: it is logged
  // because there is no mail server, for the operator to pass on. Requests are logged without host, so theirs are taken out.
  /([?&](?<!:\/\/[^\s"]*\/api\/auth\/verify-email\?)(?:token|code|secret|sig|signature|x-amz-(?:signature|credential|security-token))=)[^&"\s\\]+/gi,
  // Secrets of invitations. Here, too, whole links of mails stay.
  /(\/api\/invitations\/)[\w-]{43}(?![\w-])/g,
  /((?<!:\/\/[^\s"]*)\/invite\/)[\w-]{43}(?![\w-])/g,
  /([?&](?<!:\/\/[^\s"]*\/register\?)invitation(?:_token)?=)[^&"\s\\]+/g,
  // Inputs of operations that travel in the URL: they may hold what an invitation or a mail gave.
  /(\/(?:graphql|trpc\/[^\s"?]*)\?)[^\s"\\]+/g,
  // Authorization: Bearer …, Basic …
  /\b((?:Bearer|Basic) )[\w.~+/=-]+/gi,
  // user:password@ of a URL
  /(:\/\/[^\s/:@"]*:)[^\s/@"]+(?=@)/g,
  // An API token of ours or of the Hugging Face Hub.
  /\b(hf_)[A-Za-z0-9]{16,}/g,
  // A payload with its HMAC-SHA256, as signed storage URLs carry it.
  /()\b[\w-]{24,}\.[\w-]{43}(?![\w-])/g,
];

/** Takes secrets out of a text. */
export function redactText(text: string): string {
  return SECRET_TEXTS.reduce((line, pattern) => line.replace(pattern, `$1${REDACTED}`), text);
}

/**
 * The hub's logger: one JSON object, or one readable line, for each event.
 * Requests are logged by id, method and URL; headers and bodies never are.
 */
export function createLogger(
  { level, format }: Config['log'],
  destination: DestinationStream = pino.destination(1),
): Logger {
  const target =
    format === 'json' ? destination : { write: (line: string) => destination.write(asText(line)) };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACT_PATHS, censor: REDACTED },
      serializers: { req: requestFields, res: responseFields, err: stdSerializers.err },
      hooks: { streamWrite: redactText },
    },
    target,
  );
}

interface LoggedRequest {
  readonly id?: unknown;
  readonly method?: string;
  readonly url?: string;
  readonly ip?: string;
}

const requestFields = ({ id, method, url, ip }: LoggedRequest) => ({ id, method, url, ip });

const responseFields = ({ statusCode }: { readonly statusCode?: number }) => ({ statusCode });

/** `2026-01-31T12:00:00.000Z INFO  message {"reqId":"…"}`, with the stack of an error on its own lines. */
function asText(line: string): string {
  const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : '';
  const fields = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
  return `${String(time)} ${String(level).toUpperCase().padEnd(5)} ${oneLine(msg)}${fields}${stack}\n`;
}

/** What a user sent must neither forge a line nor steer the terminal. */
function oneLine(message: unknown): string {
  return typeof message === 'string' ? message.replaceAll(/\p{Cc}+/gu, ' ') : '';
}
