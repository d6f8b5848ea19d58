import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test as base } from 'vitest';
import { FetchEventSource } from '../../../schema/client/fetch-event-source.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** `serve` gives the address of a server that answers one connection after the other. */
const it = base.extend('serve', async ({}, { onCleanup }) => {
  const answers: Answer[] = [];
  const server = createServer((request, response) => answers.shift()?.(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return (...given: readonly Answer[]): string => {
    answers.push(...given);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
});

const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

describe('FetchEventSource', () => {
  it('sends headers, and tells what comes by its type', async ({ serve }) => {
    const url = serve((request, response) => {
      stream(response).write(`event: next\ndata: ${request.headers.authorization}\n\n`);
    });
    const source = new FetchEventSource(url, { headers: { authorization: 'Bearer hf_a' } });
    const [[opened], [event]] = (await Promise.all([once(source, 'open'), once(source, 'next')])) as [
      [Event],
      [MessageEvent],
    ];
    expect(opened.type).toBe('open');
    expect(event.data).toBe('Bearer hf_a');
    expect(source.readyState).toBe(source.OPEN);
    source.close();
    expect(source.readyState).toBe(source.CLOSED);
  });

  it('comes again when the stream ends, and says what it has', async ({ serve }) => {
    const url = serve(
      (_request, response) => stream(response).end('retry: 1\nid: 7\ndata: first\n\n'),
      (request, response) => {
        stream(response).write(`data: after ${String(request.headers['last-event-id'])}\n\n`);
      },
    );
    const source = new FetchEventSource(url);
    await once(source, 'error');
    expect(source.readyState).toBe(source.CONNECTING);
    const [event] = (await once(source, 'message')) as [MessageEvent];
    expect(event.data).toBe('after 7');
    source.close();
  });

  it.for([
    ['a refusal', 403, 'text/event-stream'],
    ['an answer that is no stream', 200, 'application/json'],
  ] as const)('ends with %s', async ([, status, type], { serve }) => {
    const url = serve((_request, response) => response.writeHead(status, { 'content-type': type }).end('{}'));
    const source = new FetchEventSource(url);
    await once(source, 'error');
    expect(source.readyState).toBe(source.CLOSED);
  });
});
