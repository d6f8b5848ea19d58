import { describe, expect, it } from 'vitest';

import { BadRequest } from '../lib/domain-error.ts';
import { encodeSignature, parseSignature } from './signature.ts';

const AT = new Date(1_700_000_000_999);

describe('encodeSignature', () => {
  it('writes whole seconds and the offset', () => {
    expect(encodeSignature({ name: 'Zoë', email: 'z@x.org', at: AT, tzMinutes: -210 })).toBe(
      'Zoë <z@x.org> 1700000000 -0330',
    );
    expect(encodeSignature({ name: 'Z', email: '', at: new Date(0), tzMinutes: 345 })).toBe('Z <> 0 +0545');
  });

  it('drops what would break the line', () => {
    expect(
      encodeSignature({ name: ' <E>vil\nparent\0, Jr. ', email: 'a>b\r\n@x', at: AT, tzMinutes: 0 }),
    ).toBe('Evilparent, Jr <ab@x> 1700000000 +0000');
  });

  it('never leaves the name empty', () => {
    expect(encodeSignature({ name: '<>', email: 'a@x', at: AT, tzMinutes: 0 })).toBe(
      'a@x <a@x> 1700000000 +0000',
    );
    expect(encodeSignature({ name: '.', email: '', at: AT, tzMinutes: 0 })).toBe(
      'unknown <> 1700000000 +0000',
    );
  });

  it('refuses impossible dates and zones', () => {
    const signature = { name: 'a', email: 'b', at: AT, tzMinutes: 0 };
    expect(() => encodeSignature({ ...signature, at: new Date(-1) })).toThrow(BadRequest);
    expect(() => encodeSignature({ ...signature, at: new Date(Number.NaN) })).toThrow(BadRequest);
    expect(() => encodeSignature({ ...signature, tzMinutes: 1440 })).toThrow(BadRequest);
    expect(() => encodeSignature({ ...signature, tzMinutes: 0.5 })).toThrow(BadRequest);
  });
});

describe('parseSignature', () => {
  it('reads what was written', () => {
    expect(parseSignature('Zoë Ü <z@x.org> 1700000000 -0330')).toEqual({
      name: 'Zoë Ü',
      email: 'z@x.org',
      at: new Date(1_700_000_000_000),
      tzMinutes: -210,
    });
  });

  it.for([
    ['<a@x> 5 +0000', { name: '', email: 'a@x', at: new Date(5000), tzMinutes: 0 }],
    ['A <a> b> 5 +0000', { name: 'A', email: 'a> b', at: new Date(5000), tzMinutes: 0 }],
    ['A <a@x>', { name: 'A', email: 'a@x', at: new Date(0), tzMinutes: 0 }],
    ['A <a@x', { name: 'A', email: 'a@x', at: new Date(0), tzMinutes: 0 }],
    ['just words', { name: 'just words', email: '', at: new Date(0), tzMinutes: 0 }],
    ['A <a@x> 99999999999999999999 +9999', { name: 'A', email: 'a@x', at: new Date(8.64e15), tzMinutes: 0 }],
  ] as const)('makes the best of %j', ([line, signature]) => {
    expect(parseSignature(line)).toEqual(signature);
  });
});
