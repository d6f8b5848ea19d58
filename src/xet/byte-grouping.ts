/**
 * Undoes Xet's "byte grouping 4", which puts the bytes of 32-bit numbers side by side so that they compress better: first all bytes
 * whose place is 0 modulo 4, then those with 1, 2 and 3. Group `k` has ⌊n/4⌋ bytes, and one more when `k < n mod 4`.
 *
 * @throws {RangeError} unless both have the same length.
 */
export function ungroupBytes(grouped: Uint8Array, target: Uint8Array): void {
  const count = grouped.length;
  if (target.length !== count) throw new RangeError(`${count} bytes do not fill ${target.length}`);
  const whole = count >> 2;
  const rest = count & 3;
  const second = whole + (rest > 0 ? 1 : 0);
  const third = second + whole + (rest > 1 ? 1 : 0);
  const fourth = third + whole + (rest > 2 ? 1 : 0);
  let to = 0;
  for (let i = 0; i < whole; i++) {
    target[to] = grouped[i]!;
    target[to + 1] = grouped[second + i]!;
    target[to + 2] = grouped[third + i]!;
    target[to + 3] = grouped[fourth + i]!;
    to += 4;
  }
  if (rest > 0) target[to] = grouped[whole]!;
  if (rest > 1) target[to + 1] = grouped[second + whole]!;
  if (rest > 2) target[to + 2] = grouped[third + whole]!;
}
