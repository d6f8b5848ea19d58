import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const NOT_HTTP: Refusal = { status: 400, code: 'BadRequest', message: 'This is not a valid HTTP request.' };

/** By the codes of Node's HTTP parser. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'HeadersTooLarge',
    message: 'The URL and the headers are too long.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'RequestTimeout',
    message: 'The headers of the request arrive too slowly.',
  },
};

/** As long as a client that is still sending may take to read the answer. */
const LINGER_MS = 2000;

/** Answers bytes that never became a request, in the shape of every other error, and ends their connection. */
export function answerClientError(error: Error & { readonly code: string }, socket: Socket): void {
  if (!socket.writable) return;
  const { status, code, message } = REFUSALS[error.code] ?? NOT_HTTP;
  const body = JSON.stringify({ error: message });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-error-code: ${code}`,
    `x-error-message: ${message}`,
    `x-request-id: ${randomUUID()}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}
