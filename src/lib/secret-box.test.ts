import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretBox } from './secret-box.ts';

describe('SecretBox', () => {
  const box = new SecretBox(randomBytes(32));

  it('gives back what it was given, and seals the same secret differently each time', () => {
    const sealed = [box.seal('hf_ä', 'a'), box.seal('hf_ä', 'a')];
    expect(sealed.map((each) => box.open(each, 'a'))).toEqual(['hf_ä', 'hf_ä']);
    expect(sealed[0]!.equals(sealed[1]!)).toBe(false);
    expect(sealed[0]!.includes('hf_')).toBe(false);
  });

  it('opens nothing for another place or key, and nothing that was changed or cut', () => {
    const sealed = box.seal('secret', 'a');
    expect(box.open(sealed, 'b')).toBeNull();
    expect(new SecretBox(randomBytes(32)).open(sealed, 'a')).toBeNull();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(box.open(changed, 'a')).toBeNull();
      expect(box.open(sealed.subarray(0, at), 'a')).toBeNull();
    }
  });
});
