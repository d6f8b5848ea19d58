import { describe, expect, it } from 'vitest';
import { isJsonWithin, type JsonBounds } from './json-bounds.ts';

const BOUNDS: JsonBounds = { maxValues: 10, maxDepth: 3, maxKeys: 4 };

function isWithin(text: string, bounds: Partial<JsonBounds> = {}): boolean {
  return isJsonWithin(Buffer.from(text), { ...BOUNDS, ...bounds });
}

describe('isJsonWithin', () => {
  it('counts values in lists and objects', () => {
    expect(isWithin(`[${'1,'.repeat(9)}1]`)).toBe(true);
    expect(isWithin(`[${'1,'.repeat(10)}1]`)).toBe(false);
    expect(isWithin(`[${'[],'.repeat(4)}[]]`)).toBe(true);
    expect(isWithin(`[${'{},'.repeat(5)}{}]`)).toBe(false);
    expect(isWithin('{"a":[1,2,3],"b":{"c":1,"d":2}}')).toBe(true);
    expect(isWithin('{"a":[1,2,3],"b":{"c":1,"d":2}}', { maxValues: 6 })).toBe(false);
  });

  it('counts levels', () => {
    expect(isWithin('[[[1],[2]],[[3]]]')).toBe(true);
    expect(isWithin('[[[[1]]]]')).toBe(false);
    expect(isWithin('{"a":{"b":[{}]}}')).toBe(false);
  });

  it('counts the keys of each object', () => {
    expect(isWithin('[{"a":1,"b":2,"c":3},{"a":1,"b":2,"c":3}]')).toBe(true);
    expect(isWithin('{"a":{"x":1},"b":2,"c":3,"d":4}')).toBe(true);
    expect(isWithin('{"a":{"x":1},"b":2,"c":3,"d":4,"e":5}')).toBe(false);
  });

  it('sees nothing in texts', () => {
    expect(isWithin(String.raw`{"[[[[,,,,,,,,,,,,\"[[[[{{::::::":"\\","ü\\\"":"]]]]"}`)).toBe(true);
    expect(isWithin(String.raw`["\\",[[[1]]]]`)).toBe(false);
    expect(isWithin(String.raw`["\"",[[[1]]]]`)).toBe(false);
  });

  it.each(['', '"', '"\\', ':::', ']]]}}}', 'nothing', '[1'])('leaves %j to the parser', (text) => {
    expect(isWithin(text)).toBe(true);
  });
});
