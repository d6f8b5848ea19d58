import { describe, expect, it } from 'vitest';

import { hashObject, MalformedObject } from './object.ts';
import { parseOid } from './oid.ts';
import { encodeTag, parseTag } from './tag.ts';
import type { Tag } from './tag.ts';

const TAG: Tag = {
  object: parseOid('fd31baf0a33a7d90410344bc953336325606f2f6'),
  type: 'commit',
  name: 'v1',
  tagger: { name: 'C', email: 'c@example.org', at: new Date(1_700_000_001_000), tzMinutes: 345 },
  message: 'one\n',
};

describe('tags', () => {
  it('have the id that git gives', () => {
    expect(hashObject('tag', encodeTag(TAG))).toBe('70fb8e2f21eeb9f72a9ca725847817839d0641d2');
  });

  it('are read as written, also without tagger', () => {
    expect(parseTag(encodeTag(TAG))).toEqual({ ...TAG, extraHeaders: [] });
    const old = { ...TAG, tagger: null, extraHeaders: [{ name: 'x', value: 'a\nb' }] };
    expect(parseTag(encodeTag(old))).toEqual(old);
  });

  it.for(['', 'object abc\n', 'type commit\n', encodeTag(TAG).toString().replace('commit', 'toString')])(
    'refuse %j',
    (text) => {
      expect(() => parseTag(Buffer.from(text))).toThrow(MalformedObject);
    },
  );
});
