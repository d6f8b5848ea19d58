import { describe, expect, it } from 'vitest';
import { Unavailable } from '../errors.ts';
import { UploadGate } from './upload-gate.ts';

const LONG_MS = 60_000;
const { signal } = new AbortController();

/** Work that goes on until it is told to end. */
function work(gate: UploadGate, name: string, log: string[], weight = 1, userId?: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = gate.run({ weight, signal, ...(userId !== undefined && { userId }) }, async () => {
    log.push(name);
    await promise;
    return name;
  });
  return { done, end: resolve };
}

describe('UploadGate', () => {
  it('lets in what fits, in the order of arrival', async () => {
    const gate = new UploadGate({ capacity: 10, maxWaiting: 9, waitMs: LONG_MS });
    const log: string[] = [];
    const a = work(gate, 'a', log, 6);
    const b = work(gate, 'b', log, 6);
    const c = work(gate, 'c', log, 1);
    await expect.poll(() => log).toEqual(['a']);
    expect(gate.waitingCount).toBe(2);
    a.end();
    expect(await a.done).toBe('a');
    await expect.poll(() => log).toEqual(['a', 'b', 'c']);
    b.end();
    c.end();
    await Promise.all([b.done, c.done]);
  });

  it('lets in alone what is heavier than all it has', async () => {
    const gate = new UploadGate({ capacity: 10, maxWaiting: 9, waitMs: LONG_MS });
    expect(await gate.run({ weight: 99, signal }, async () => 'done')).toBe('done');
    expect(await gate.run({ weight: 10, signal }, async () => 'again')).toBe('again');
  });

  it('gives one user his share and no more, whoever waits behind him', async () => {
    const gate = new UploadGate({ capacity: 10, capacityPerUser: 5, maxWaiting: 9, waitMs: LONG_MS });
    const log: string[] = [];
    const greedy = ['a', 'b', 'c'].map((name) => work(gate, name, log, 2, 1));
    const other = work(gate, 'other', log, 4, 2);
    await expect.poll(() => log).toEqual(['a', 'b', 'other']);
    expect(gate.waitingCount).toBe(1);
    // Though there is room for it.
    greedy[0]!.end();
    await expect.poll(() => log).toEqual(['a', 'b', 'other', 'c']);
    for (const each of [...greedy, other]) each.end();
    await Promise.all([...greedy, other].map((each) => each.done));
    expect(await gate.run({ weight: 9, userId: 1, signal }, async () => 'alone')).toBe('alone');
  });

  it('makes room after a failure', async () => {
    const gate = new UploadGate({ capacity: 1, maxWaiting: 0, waitMs: LONG_MS });
    await expect(
      gate.run({ weight: 1, signal }, async () => {
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
  });

  it('turns away who would wait too long or behind too many', async () => {
    const gate = new UploadGate({ capacity: 1, maxWaiting: 1, waitMs: 5 });
    const log: string[] = [];
    const a = work(gate, 'a', log);
    const refusals = await Promise.allSettled([work(gate, 'b', log).done, work(gate, 'c', log).done]);
    expect(refusals.map((refusal) => refusal.status === 'rejected' && (refusal.reason as unknown))).toEqual([
      expect.any(Unavailable),
      expect.any(Unavailable),
    ]);
    expect(refusals[0]).toMatchObject({ reason: { details: { retryAfterSeconds: 5 } } });
    expect(log).toEqual(['a']);
    a.end();
    await a.done;
    const d = work(gate, 'd', log);
    d.end();
    expect(await d.done).toBe('d');
  });

  it('forgets who goes away, and lets in who waited behind', async () => {
    const gate = new UploadGate({ capacity: 10, maxWaiting: 9, waitMs: LONG_MS });
    const log: string[] = [];
    const gone = new AbortController();
    const a = work(gate, 'a', log, 6);
    const b = gate.run({ weight: 6, signal: gone.signal }, async () => log.push('b'));
    const c = work(gate, 'c', log, 1);
    expect(gate.waitingCount).toBe(2);
    gone.abort(new Error('gone'));
    await expect(b).rejects.toThrow('gone');
    await expect.poll(() => log).toEqual(['a', 'c']);
    a.end();
    c.end();
    await Promise.all([a.done, c.done]);
    await expect(gate.run({ weight: 1, signal: gone.signal }, async () => 1)).rejects.toThrow('gone');
  });

  it('lets in users who are not inside before those who are', async () => {
    const gate = new UploadGate({ capacity: 2, maxWaiting: 9, waitMs: LONG_MS });
    const log: string[] = [];
    const [a, b, c, d, e] = (
      [
        ['a', 1],
        ['b', 1],
        ['c', 1],
        ['d', 2],
        ['e', 1],
      ] as const
    ).map(([name, userId]) => work(gate, name, log, 1, userId));
    await expect.poll(() => log, { message: 'alone, a user takes all there is' }).toEqual(['a', 'b']);
    a!.end();
    await expect.poll(() => log).toEqual(['a', 'b', 'd']);
    d!.end();
    await expect.poll(() => log, { message: 'nobody else waits' }).toEqual(['a', 'b', 'd', 'c']);
    for (const each of [b, c, e]) each!.end();
    await Promise.all([a, b, c, d, e].map((each) => each!.done));
    expect(log).toEqual(['a', 'b', 'd', 'c', 'e']);
  });

  it('turns away the last of the user with the most when too many wait', async () => {
    const gate = new UploadGate({ capacity: 1, maxWaiting: 3, waitMs: LONG_MS });
    const log: string[] = [];
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => work(gate, name, log, 1, 1));
    const other = work(gate, 'other', log, 1, 2);
    await expect(d!.done).rejects.toThrow(Unavailable);
    const third = work(gate, 'third', log, 1, 3);
    await expect(c!.done).rejects.toThrow(Unavailable);
    await expect(work(gate, 'e', log, 1, 1).done, 'he has as many as the others').rejects.toThrow(
      Unavailable,
    );
    for (const each of [a, b, other, third]) each!.end();
    await Promise.all([a, b, other, third].map((each) => each!.done));
    expect(log).toEqual(['a', 'b', 'other', 'third']);
  });
});
