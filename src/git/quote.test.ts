import { describe, expect, it } from 'vitest';

import { quote } from './quote.ts';

describe('quote', () => {
  it('shows ordinary text as it is', () => {
    expect(quote('dir/größe 😀.txt')).toBe("'dir/größe 😀.txt'");
  });

  it('cuts long text', () => {
    expect(quote('x'.repeat(1_000_000))).toBe(`'${'x'.repeat(200)}…'`);
  });

  it('makes controls, direction marks, line separators and lone surrogates visible', () => {
    expect(quote('a\nb\0\u202e\u2028\ud800')).toBe("'a\\u{a}b\\u{0}\\u{202e}\\u{2028}\\u{d800}'");
  });
});
