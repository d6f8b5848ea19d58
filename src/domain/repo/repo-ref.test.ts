import { expect, test } from 'vitest';
import { fileUrl } from './repo-ref.ts';

const REPO = { type: 'dataset', namespace: 'ada', name: 'notes' } as const;

test('the URL of a file escapes what would mean something in a URL', () => {
  const file = { revision: 'feature/x', path: 'a b/#1?/ä%.txt' };
  expect(fileUrl('https://hub.test', REPO, file)).toBe(
    'https://hub.test/datasets/ada/notes/resolve/feature%2Fx/a%20b/%231%3F/%C3%A4%25.txt',
  );
});

test('a name that is not UTF-8 has none', () => {
  expect(fileUrl('https://hub.test', REPO, { revision: 'main', path: 'byte \udcff' })).toBeNull();
});
