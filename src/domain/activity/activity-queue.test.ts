import { describe, expect, it } from 'vitest';
import { ActivityQueue, MAX_QUEUED } from './activity-queue.ts';

interface Event {
  readonly kind: string;
  readonly n: number;
}

function open(): { queue: ActivityQueue<Event>; ends: () => number } {
  let ends = 0;
  const queue = new ActivityQueue<Event>(() => ends++);
  return { queue, ends: () => ends };
}

describe('ActivityQueue', () => {
  it('hands events on in their order, whoever comes first', async () => {
    const { queue } = open();
    const early = queue.next();
    for (const n of [1, 2]) queue.push({ kind: 'ref', n });
    expect((await early).value).toEqual({ kind: 'ref', n: 1 });
    expect((await queue.next()).value).toEqual({ kind: 'ref', n: 2 });
  });

  it('replaces a count that waits by a newer one', async () => {
    const { queue } = open();
    queue.push({ kind: 'likes', n: 1 });
    queue.push({ kind: 'ref', n: 2 });
    queue.push({ kind: 'likes', n: 3 });
    expect((await queue.next()).value).toEqual({ kind: 'likes', n: 3 });
    expect((await queue.next()).value).toEqual({ kind: 'ref', n: 2 });
  });

  it('drops a reader who lets too much wait, and says so once', async () => {
    const { queue, ends } = open();
    for (let n = 0; n < MAX_QUEUED; n++) queue.push({ kind: 'ref', n });
    expect(ends()).toBe(0);
    queue.push({ kind: 'ref', n: MAX_QUEUED });
    expect(ends()).toBe(1);
    await expect(queue.next()).rejects.toMatchObject({ code: 'Unavailable' });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('delivers nothing behind its end', async () => {
    const { queue, ends } = open();
    queue.push({ kind: 'ref', n: 1 });
    const refusal = new Error('no right any more');
    queue.fail(refusal);
    queue.push({ kind: 'ref', n: 2 });
    await expect(queue.next()).rejects.toBe(refusal);
    expect((await queue.next()).done).toBe(true);
    await queue.return();
    expect(ends()).toBe(1);
  });

  it('tells a waiting reader of its end', async () => {
    const failed = open().queue;
    const waiting = failed.next();
    failed.fail(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    expect((await failed.next()).done).toBe(true);
    const returned = open().queue;
    const last = returned.next();
    await returned.return();
    expect((await last).done).toBe(true);
  });
});
