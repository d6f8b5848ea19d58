import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeFrame, FRAME, FrameReader } from './frames.ts';

it('puts frames together, however they are cut', () => {
  const frame = fc.record({
    kind: fc.constantFrom(...Object.values(FRAME)),
    bytes: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 50 }), (frames, size) => {
      const stream = Buffer.concat(frames.map(({ kind, bytes }) => encodeFrame(kind, bytes)));
      const reader = new FrameReader();
      const read = [];
      for (let at = 0; at < stream.length; at += size)
        read.push(...reader.push(stream.subarray(at, at + size)));
      expect(read).toEqual(frames);
    }),
  );
});

it('refuses a frame that nobody sends', () => {
  expect(() => new FrameReader().push(Buffer.from([1, 0xff, 0, 0, 0]))).toThrow('a frame of');
});
