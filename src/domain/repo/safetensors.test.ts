import { describe, expect, it } from 'vitest';
import { countTensors, headerLength, MAX_HEADER_BYTES, sumCounts } from './safetensors.ts';
import { weightFiles } from './weight-files.ts';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function prefix(length: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  return bytes;
}

describe('headerLength', () => {
  it('reads eight bytes, little endian', () => {
    expect(headerLength(Buffer.concat([prefix(1234n), Buffer.from('{')]))).toBe(1234);
  });

  it.each([0n, 1n, BigInt(MAX_HEADER_BYTES) + 1n, 2n ** 64n - 1n])(
    'refuses a header of %s bytes',
    (length) => {
      expect(headerLength(prefix(length))).toBeNull();
    },
  );

  it('refuses a file that is too short', () => {
    expect(headerLength(Buffer.alloc(7))).toBeNull();
  });
});

describe('countTensors', () => {
  it('counts elements by dtype', () => {
    const header = json({
      __metadata__: { format: 'pt' },
      a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      b: { dtype: 'F32', shape: [], data_offsets: [24, 28] },
      c: { dtype: 'I64', shape: [10], data_offsets: [28, 108] },
    });
    expect(countTensors(header)).toEqual({ parameters: { F32: 7, I64: 10 }, total: 17 });
  });

  it.each([
    ['text', Buffer.from('nonsense')],
    ['a list', json([])],
    ['a tensor that is none', json({ a: 1 })],
    ['no shape', json({ a: { dtype: 'F32' } })],
    ['a negative size', json({ a: { dtype: 'F32', shape: [-1] } })],
    ['a fraction', json({ a: { dtype: 'F32', shape: [1.5] } })],
    ['more elements than a number holds', json({ a: { dtype: 'F32', shape: [2 ** 40, 2 ** 40] } })],
    ['a dtype that is no name', json({ a: { dtype: '__proto__ x', shape: [1] } })],
    [
      'too many dtypes',
      json(
        Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`t${i}`, { dtype: `D${i}`, shape: [1] }])),
      ),
    ],
  ])('refuses %s', (_name, header) => {
    expect(countTensors(header)).toBeNull();
  });

  it('adds up the parts of a split model', () => {
    const part = { parameters: { F16: 2, F32: 1 }, total: 3 };
    expect(sumCounts([part, part])).toEqual({ parameters: { F16: 4, F32: 2 }, total: 6 });
    expect(sumCounts([])).toBeNull();
  });
});

describe('weightFiles', () => {
  it.each([
    [['README.md', 'model.safetensors', 'model.fp16.safetensors'], ['model.safetensors']],
    [
      ['consolidated.safetensors', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
      ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
    ],
    [['adapter_model.safetensors'], ['adapter_model.safetensors']],
    [['a.bin'], []],
  ])('of %j are %j', (names, expected) => {
    expect(weightFiles(names.map((path) => ({ path }))).map((file) => file.path)).toEqual(expected);
  });
});
