import { describe, expect, it } from 'vitest';
import { ProcessSlots } from './process-slots.ts';

const NEVER = new AbortController().signal;

function slots(options: { maxProcesses?: number; maxWaiting?: number; waitMs?: number } = {}) {
  return new ProcessSlots({ maxProcesses: 1, maxWaiting: 2, waitMs: 60_000, ...options });
}

describe('process slots', () => {
  it('go to who waits longest', async () => {
    const gate = slots();
    const release = await gate.take(NEVER);
    const order: string[] = [];
    const first = gate.take(NEVER).then((next) => (order.push('first'), next));
    const second = gate.take(NEVER).then((next) => (order.push('second'), next));
    expect(gate.takenCount).toBe(1);
    release();
    release();
    (await first)();
    (await second)();
    expect(order).toEqual(['first', 'second']);
    expect(gate.takenCount).toBe(0);
  });

  it('are refused when too many wait, or one waits for too long', async () => {
    const gate = slots({ maxWaiting: 1, waitMs: 1 });
    await gate.take(NEVER);
    const waiting = gate.take(NEVER);
    await expect(gate.take(NEVER)).rejects.toMatchObject({
      code: 'Unavailable',
      details: { retryAfterSeconds: 10 },
    });
    await expect(waiting).rejects.toMatchObject({ code: 'Unavailable' });
  });

  it('are not kept for who went away', async () => {
    const gate = slots();
    const release = await gate.take(NEVER);
    const gone = new AbortController();
    const waiting = gate.take(gone.signal);
    const behind = gate.take(NEVER);
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    release();
    (await behind)();
    expect(gate.takenCount).toBe(0);
    await expect(gate.take(gone.signal)).rejects.toThrow('gone');
    expect(gate.takenCount).toBe(0);
  });
});
