import { expect, it } from 'vitest';
import { parseSourceUrl } from './source-url.ts';

it.each([
  ['https://huggingface.co', 'https://huggingface.co'],
  ['https://huggingface.co/', 'https://huggingface.co'],
  ['HTTPS://HuggingFace.co:443', 'https://huggingface.co'],
  ['http://10.0.0.1:8080', 'http://10.0.0.1:8080'],
  ['https://example.org/hub/', 'https://example.org/hub'],
])('%s is %s', (given, parsed) => {
  expect(parseSourceUrl(given, 'url')).toBe(parsed);
});

it.each([
  '',
  'huggingface.co',
  'ftp://example.org',
  'https://user:password@example.org',
  'https://example.org/?a=b',
  'https://example.org/#a',
  `https://example.org/${'a'.repeat(500)}`,
  'https://exa\0mple.org',
])('%j is refused', (given) => {
  expect(() => parseSourceUrl(given, 'url')).toThrow(/^url: /);
});
