import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransferBuffers } from './transfer-buffers.ts';

const LARGE_BYTES = 2 * 2 ** 20;
const MEDIUM_BYTES = 256 * 1024;
const SMALL_BYTES = 64 * 1024;

describe('TransferBuffers', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('hands out again what came back', () => {
    const buffers = new TransferBuffers();
    const first = buffers.take(LARGE_BYTES);
    buffers.giveBack(first);
    expect(buffers.take(LARGE_BYTES) === first).toBe(true);
  });

  it('hands out smaller ones the more are out', () => {
    const buffers = new TransferBuffers();
    const lent = Array.from({ length: 150 }, () => buffers.take(LARGE_BYTES).length);
    const count = (bytes: number) => lent.filter((length) => length === bytes).length;
    expect([LARGE_BYTES, MEDIUM_BYTES, SMALL_BYTES].map(count)).toEqual([16, 128, 6]);
  });

  it.each([
    [10, 10],
    [SMALL_BYTES, SMALL_BYTES],
    [SMALL_BYTES + 1, MEDIUM_BYTES],
    [MEDIUM_BYTES, MEDIUM_BYTES],
    [MEDIUM_BYTES + 1, LARGE_BYTES],
    [2 ** 30, LARGE_BYTES],
  ])('for %i bytes gives %i', (neededBytes, bufferBytes) => {
    expect(new TransferBuffers().take(neededBytes)).toHaveLength(bufferBytes);
  });

  it('never hands out a buffer that somebody may still read', () => {
    const buffers = new TransferBuffers();
    const first = buffers.take(LARGE_BYTES);
    buffers.forget(first);
    expect(buffers.take(LARGE_BYTES) === first).toBe(false);
  });

  it('lets go of all when nobody took one for a while', () => {
    const buffers = new TransferBuffers();
    const [first, second] = [buffers.take(LARGE_BYTES), buffers.take(LARGE_BYTES)];
    buffers.giveBack(first);
    vi.advanceTimersByTime(60_000);
    buffers.giveBack(second);
    expect(buffers.take(LARGE_BYTES) === second).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(buffers.take(LARGE_BYTES) === first).toBe(true);
    buffers.giveBack(first);
    buffers.giveBack(second);
    vi.advanceTimersByTime(60_000);
    const third = buffers.take(LARGE_BYTES);
    expect(third === first || third === second).toBe(false);
  });
});
