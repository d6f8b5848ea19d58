import { expect, test } from 'vitest';
import { BadRequest } from '../errors.ts';
import { parseProfile } from './profile.ts';

test('texts are trimmed, absent fields stay, empty ones are cleared', () => {
  expect(
    parseProfile({
      fullName: ' Acme Labs ',
      description: '',
      bio: 'two\nlines',
      website: 'https://acme.test/a?b=c',
      socialLinks: { github: 'acme', twitter_x: ' ' },
    }),
  ).toEqual({
    fullName: 'Acme Labs',
    description: null,
    bio: 'two\nlines',
    website: 'https://acme.test/a?b=c',
    socialLinks: { github: 'acme' },
  });
  expect(parseProfile({})).toEqual({});
  expect(parseProfile({ bio: null, website: null, socialLinks: null })).toEqual({
    bio: null,
    website: null,
    socialLinks: null,
  });
});

test.each([
  ['full name', { fullName: 'x'.repeat(201) }],
  ['full name', { fullName: 'two\nlines' }],
  ['description', { description: 'x'.repeat(1001) }],
  ['description', { description: 'a\0b' }],
  ['biography', { bio: 'x'.repeat(10_001) }],
  ['biography', { bio: 'a\u001b[2J' }],
  ['website', { website: 'javascript:alert(1)' }],
  ['website', { website: 'java\nscript:alert(1)' }],
  ['website', { website: 'data:text/html,x' }],
  ['website', { website: 'acme.test' }],
  ['website', { website: 'https://user:password@acme.test' }],
  ['website', { website: `https://acme.test/${'x'.repeat(500)}` }],
  ['social', { socialLinks: { GitHub: 'acme' } }],
  ['social', { socialLinks: JSON.parse('{"__proto__":"x"}') as Record<string, string> }],
  ['social', { socialLinks: { github: 'a\nb' } }],
  ['social', { socialLinks: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`n${at}`, 'x'])) }],
] as const)('a bad %s is refused: %j', (field, change) => {
  expect(() => parseProfile(change)).toThrow(BadRequest);
  expect(() => parseProfile(change)).toThrow(field);
});
