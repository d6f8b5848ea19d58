import { describe, expect, it } from 'vitest';
import { DELIM_PKT, encodePkt, FLUSH_PKT } from '../../git/pkt-line.ts';
import { takeRequest } from './take-request.ts';

const FIRST = Buffer.concat([encodePkt('command=ls-refs\n'), DELIM_PKT, encodePkt('peel\n'), FLUSH_PKT]);
const SECOND = Buffer.concat([encodePkt('command=fetch\n'), DELIM_PKT, encodePkt('0000\n'), FLUSH_PKT]);

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield encodePkt('x'.repeat(60_000));
}

async function takeAll(bytes: Buffer, size: number): Promise<string[]> {
  const chunks = chunksOf(bytes, size);
  const requests: string[] = [];
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const taken = await takeRequest(chunks, rest);
    if (!taken) return requests;
    requests.push(taken.request.toString());
    rest = taken.rest;
  }
}

describe('takeRequest', () => {
  it.each([1, 3, 7, 1000])('takes one request after the other from chunks of %d bytes', async (size) => {
    expect(await takeAll(Buffer.concat([FIRST, SECOND, FLUSH_PKT]), size)).toEqual([
      FIRST.toString(),
      SECOND.toString(),
      '0000',
    ]);
  });

  it('does not wait for more than the flush', async () => {
    async function* open(): AsyncGenerator<Buffer> {
      yield FIRST;
      throw new Error('read too far');
    }
    expect((await takeRequest(open(), Buffer.alloc(0)))?.request).toEqual(FIRST);
  });

  it.each([
    ['a cut line', FIRST.subarray(0, 10)],
    ['a cut length', Buffer.from('00')],
    ['a length that is none', Buffer.from('zzzz')],
    ['a length of 3', Buffer.from('0003')],
  ])('refuses %s', async (_name, bytes) => {
    await expect(takeAll(bytes, 1000)).rejects.toMatchObject({ code: 'BadRequest' });
  });

  it('refuses what is too long', async () => {
    await expect(takeRequest(endless(), Buffer.alloc(0))).rejects.toThrow('is longer than');
  });
});
