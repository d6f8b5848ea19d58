import { describe, expect, it } from 'vitest';
import { readServerEvents, type ServerEvent } from './server-events.ts';

async function eventsOf(...chunks: readonly string[]): Promise<ServerEvent[]> {
  const bytes = chunks.map((chunk) => Buffer.from(chunk, 'latin1'));
  const events: ServerEvent[] = [];
  for await (const event of readServerEvents(ReadableStream.from<Uint8Array>(bytes))) events.push(event);
  return events;
}

describe('readServerEvents', () => {
  it('reads types, ids and data of several lines', async () => {
    expect(
      await eventsOf('retry: 5\n\n: a comment\nevent: next\nid: 7\ndata: a\ndata:b\n\ndata\n\n'),
    ).toEqual([
      { type: 'next', data: 'a\nb', lastEventId: '7', retryMs: 5 },
      { type: 'message', data: '', lastEventId: '7', retryMs: 5 },
    ]);
  });

  it('does not mind where chunks end', async () => {
    const text = Buffer.from('event: next\r\ndata: {"a":"ü"}\r\n\r\ndata: 2\r\r').toString('latin1');
    const whole = await eventsOf(`${text}\n`);
    expect(whole.map(({ data }) => data)).toEqual(['{"a":"ü"}', '2']);
    expect(await eventsOf(...text.split(''), '\n')).toEqual(whole);
  });

  it('leaves out an event that is not finished', async () => {
    expect(await eventsOf('data: 1\n\ndata: 2\n')).toHaveLength(1);
  });

  it('closes the stream when the reader leaves', async () => {
    let isClosed = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.from('data: 1\n\n')),
      cancel: () => {
        isClosed = true;
      },
    });
    for await (const event of readServerEvents(body)) if (event.data === '1') break;
    expect(isClosed).toBe(true);
  });
});
