import { describe, expect, it } from 'vitest';
import { MAX_PUT_BYTES, partSize, planParts } from './part-plan.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe('planParts', () => {
  it('keeps the configured size while it fits', () => {
    expect(planParts(100 * MIB, 50 * MIB, 1)).toEqual({ partBytes: 50 * MIB, partCount: 2 });
    expect(planParts(100 * MIB + 1, 50 * MIB, 1)).toEqual({ partBytes: 50 * MIB, partCount: 3 });
    expect(planParts(0, 50 * MIB, 1)).toEqual({ partBytes: 50 * MIB, partCount: 1 });
  });

  it('grows parts to whole MiB so that there are at most 10,000', () => {
    const plan = planParts(1024 * GIB, 5 * MIB, 1);
    expect(plan).toEqual({ partBytes: 105 * MIB, partCount: 9987 });
  });

  it('grows parts so that one answer stays bounded', () => {
    expect(planParts(5 * GIB, 5 * MIB, 1000)).toEqual({ partBytes: 256 * MIB, partCount: 20 });
    expect(planParts(500 * GIB, 5 * MIB, 1000)).toBeNull();
  });

  it('never plans a part that S3 refuses', () => {
    expect(planParts(5 * 1024 * GIB, 5 * MIB, 1)?.partBytes).toBeLessThan(MAX_PUT_BYTES);
  });

  it('gives the last part the rest', () => {
    const plan = { partBytes: 10, partCount: 3 };
    expect([1, 2, 3].map((number) => partSize(25, plan, number))).toEqual([10, 10, 5]);
  });
});
