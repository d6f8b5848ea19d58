import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunkHeader } from './xorb.ts';
import { ChunkCutter } from './chunk-cutter.ts';

const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 8 });

function slicesOf(bytes: Buffer, sliceBytes: number): Buffer[] {
  const count = Math.ceil(bytes.length / sliceBytes);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * sliceBytes, (i + 1) * sliceBytes));
}

it('finds the same chunks, however the xorb is sliced', () => {
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 120 }), (contents, sliceBytes) => {
      const chunks = contents.map((content) => Buffer.concat([chunkHeader(content.length), content]));
      const cutter = new ChunkCutter();
      const found: Buffer[] = [];
      for (const slice of slicesOf(Buffer.concat(chunks), sliceBytes))
        for (const chunk of cutter.cut(slice)) found.push(Buffer.from(chunk));
      expect(found).toEqual(chunks);
      expect(cutter.isBetweenChunks).toBe(true);
    }),
  );
});

it('knows when a chunk is not complete', () => {
  const chunk = Buffer.concat([chunkHeader(5), Buffer.from('hello')]);
  for (let length = 1; length < chunk.length; length++) {
    const cutter = new ChunkCutter();
    expect([...cutter.cut(chunk.subarray(0, length))]).toEqual([]);
    expect(cutter.isBetweenChunks).toBe(false);
  }
});

it('refuses the header of a chunk that no xorb has', () => {
  const header = Buffer.from([0, 255, 255, 255, 0, 5, 0, 0]);
  expect(() => [...new ChunkCutter().cut(header)]).toThrow(RangeError);
});
