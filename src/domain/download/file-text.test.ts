import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readText } from './file-text.ts';

test('a text that goes on ends at a whole character', async () => {
  const bytes = Buffer.from('aä€');
  expect(await readText(bytes.subarray(0, 5), 6)).toEqual({
    content: 'aä',
    isBinary: false,
    isTruncated: true,
  });
  expect(await readText(Readable.from([bytes]), 6)).toEqual({
    content: 'aä€',
    isBinary: false,
    isTruncated: false,
  });
});

test('bytes that are no UTF-8 are marked, and a mark at the beginning stays', async () => {
  expect(await readText(Buffer.from([0x61, 0xff]), 2)).toMatchObject({ content: 'a\u{fffd}' });
  expect(await readText(Buffer.from('\u{feff}a'), 4)).toMatchObject({ content: '\u{feff}a' });
});

test('a file with a NUL is binary', async () => {
  expect(await readText(Buffer.from([1, 0]), 9)).toEqual({
    content: null,
    isBinary: true,
    isTruncated: true,
  });
});
