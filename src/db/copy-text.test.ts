import { expect, test } from 'vitest';
import { copyHex, copyText } from './copy-text.ts';

test('dates of any year are written as PostgreSQL reads them', () => {
  expect(copyText(new Date('2026-01-02T03:04:05Z'))).toBe('2026-01-02T03:04:05.000Z');
  expect(copyText(new Date(Date.UTC(12_345, 0)))).toBe('12345-01-01T00:00:00.000Z');
  expect(copyText(new Date(Date.UTC(270_000, 0)))).toBe('270000-01-01T00:00:00.000Z');
});

test('bytes are written the same from their digits', () => {
  const bytes = Buffer.from([0, 0x7f, 0xff]);
  expect(copyHex(bytes.toString('hex'))).toBe(copyText(bytes));
  expect(copyHex(null)).toBe(copyText(null));
});
