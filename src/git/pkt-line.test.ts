import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DELIM_PKT,
  encodeLines,
  encodePkt,
  encodeSideband,
  FLUSH_PKT,
  MAX_PKT_PAYLOAD_BYTES,
  parsePkts,
  type Pkt,
  pktText,
  readPkts,
  RESPONSE_END_PKT,
} from './pkt-line.ts';

const LIMITS = { totalBytes: 1_000_000, count: 1000 };
const MARK_BYTES = { flush: FLUSH_PKT, delim: DELIM_PKT, 'response-end': RESPONSE_END_PKT };

const anyPkt = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((payload): Pkt => ({ kind: 'data', payload: Buffer.from(payload) })),
  fc.constantFrom('flush', 'delim', 'response-end').map((kind): Pkt => ({ kind })),
);

function encode(pkt: Pkt): Buffer {
  return pkt.kind === 'data' ? encodePkt(pkt.payload) : MARK_BYTES[pkt.kind];
}

async function collect(chunks: Iterable<Uint8Array>): Promise<Pkt[]> {
  const pkts: Pkt[] = [];
  for await (const pkt of readPkts(chunks, LIMITS)) pkts.push(pkt);
  return pkts;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('pkt-line', () => {
  it('writes what gitprotocol-common shows', () => {
    expect(encodePkt('a\n').toString()).toBe('0006a\n');
    expect(encodePkt('foobar\n').toString()).toBe('000bfoobar\n');
    expect(encodePkt('').toString()).toBe('0004');
  });

  it('writes lines of text as it writes each of them', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (lines) => {
        expect(encodeLines(lines)).toEqual(Buffer.concat(lines.map((line) => encodePkt(`${line}\n`))));
      }),
    );
    const longest = 'x'.repeat(MAX_PKT_PAYLOAD_BYTES - 1);
    expect(encodeLines([longest])).toEqual(encodePkt(`${longest}\n`));
    expect(() => encodeLines([`${longest}x`])).toThrow(RangeError);
  });

  it('reads any lines back, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPkt), fc.array(fc.nat()), async (pkts, cuts) => {
        const bytes = Buffer.concat(pkts.map(encode));
        expect(await collect(cutAt(bytes, cuts))).toEqual(pkts);
        expect([...parsePkts(bytes, LIMITS)]).toEqual(pkts);
      }),
    );
  });

  it('reads any bytes, or refuses them as a bad request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const refusal = await collect([bytes]).then(
          () => 'BadRequest',
          (error: unknown) => (error as { code?: string }).code,
        );
        expect(refusal).toBe('BadRequest');
      }),
    );
  });

  it('takes a line of the greatest length and no longer one', async () => {
    const longest = Buffer.alloc(MAX_PKT_PAYLOAD_BYTES, 'x');
    expect(await collect([encodePkt(longest)])).toEqual([{ kind: 'data', payload: longest }]);
    expect(() => encodePkt(Buffer.alloc(MAX_PKT_PAYLOAD_BYTES + 1))).toThrow(RangeError);
    await expect(collect([Buffer.from('fff1')])).rejects.toMatchObject({ code: 'BadRequest' });
  });

  it.each(['0003', 'zzzz', '00g0', '-001', '0x10', ' 001', '0', '0006a', '0000000'])(
    'refuses %j',
    async (text) => {
      await expect(collect([Buffer.from(text)])).rejects.toMatchObject({ code: 'BadRequest' });
    },
  );

  it('stops at its limits', () => {
    const flushes = Buffer.concat([FLUSH_PKT, FLUSH_PKT, FLUSH_PKT]);
    expect([...parsePkts(flushes, { totalBytes: 12, count: 3 })]).toHaveLength(3);
    expect(() => [...parsePkts(flushes, { totalBytes: 12, count: 2 })]).toThrow('more than 2 lines');
    expect(() => [...parsePkts(flushes, { totalBytes: 11, count: 3 })]).toThrow('longer than 11 bytes');
  });

  it('cuts a sideband into lines that carry its number', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3), fc.nat({ max: 3 * MAX_PKT_PAYLOAD_BYTES }), (band, length) => {
        const pkts = [...parsePkts(encodeSideband(band, Buffer.alloc(length, 7)), LIMITS)];
        const payloads = pkts.map((pkt) => (pkt.kind === 'data' ? pkt.payload : Buffer.alloc(0)));
        expect(payloads.every((payload) => payload[0] === band)).toBe(true);
        const carried = Buffer.concat(payloads.map((payload) => payload.subarray(1)));
        expect(carried.equals(Buffer.alloc(length, 7))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('drops one newline at the end of a text', () => {
    expect(['a\n', 'a', 'a\n\n', ''].map((text) => pktText(Buffer.from(text)))).toEqual([
      'a',
      'a',
      'a\n',
      '',
    ]);
  });
});
