import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { promisify } from 'node:util';

import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { DomainError } from './domain-error.ts';
import type { TestJob } from './fixtures/job-worker.ts';
import { WorkerPool } from './worker-pool.ts';
import type { WorkerPoolOptions } from './worker-pool.ts';

const WORKER_FILE = new URL('./fixtures/job-worker.ts', import.meta.url);

const execFileAsync = promisify(execFile);

type TestPool = WorkerPool<TestJob, unknown>;

const pools: TestPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

function newPool(options: Partial<WorkerPoolOptions> = {}): TestPool {
  const pool: TestPool = new WorkerPool({ workerFile: WORKER_FILE, name: 'test', ...options });
  pools.push(pool);
  return pool;
}

function echo(value: unknown): TestJob {
  return { kind: 'echo', value };
}

/** A job that occupies its thread, or breaks it later, when `open` is called. */
function gate(kind: 'wait' | 'break-later' = 'wait'): { readonly job: TestJob; readonly open: () => void } {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const open = () => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  return { job: { kind, gate }, open };
}

describe('run', () => {
  it('starts a thread when the first job comes, and uses it again', async () => {
    const pool = newPool();
    expect(pool.workerCount).toBe(0);
    expect(await pool.run(echo({ a: [1] }))).toEqual({ a: [1] });
    expect(await pool.run(echo(undefined))).toBeUndefined();
    expect(pool.workerCount).toBe(1);
  });

  it('queues what the threads cannot take at once', async () => {
    const pool = newPool({ maxWorkers: 2 });
    const values = ['a', 'b', 'c', 'd', 'e'];
    expect(await Promise.all(values.map((value) => pool.run(echo(value))))).toEqual(values);
    expect(pool.workerCount).toBe(2);
  });

  it('passes a thread that is busy', async () => {
    const pool = newPool({ maxWorkers: 2 });
    const { job, open } = gate();
    const waiting = pool.run(job);
    expect(await pool.run(echo(1))).toBe(1);
    expect(await pool.run(echo(2))).toBe(2);
    open();
    expect(await waiting).toBeNull();
  });

  it('moves what is to be transferred, there and back', async () => {
    const pool = newPool();
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await pool.run(echo(bytes), [bytes.buffer])).toEqual(new Uint8Array([1, 2, 3]));
    expect(bytes.buffer.detached).toBe(true);
    expect(await pool.run({ kind: 'zeros', sizeBytes: 5 })).toEqual(new Uint8Array(5));
  });

  it('stops a thread that has nothing to do', async () => {
    const pool = newPool({ idleMs: 1 });
    await pool.run(echo(1));
    await vi.waitUntil(() => pool.workerCount === 0, { timeout: 20_000 });
    expect(await pool.run(echo(2))).toBe(2);
  });
});

describe('a warm pool', () => {
  it('has threads, which the next jobs find', async () => {
    const pool = newPool({ idleMs: 1e9, maxWorkers: 3 });
    pool.warm(2);
    pool.warm(2);
    expect(pool.workerCount).toBe(2);
    expect(await Promise.all([pool.run(echo(1)), pool.run(echo(2))])).toEqual([1, 2]);
    expect(pool.workerCount).toBe(2);
    pool.warm(9);
    expect(pool.workerCount).toBe(3);
    await pool.close();
    pool.warm(1);
    expect(pool.workerCount).toBe(0);
  });

  it('becomes cold when no job comes', async () => {
    const pool = newPool({ idleMs: 1 });
    pool.warm(1);
    expect(pool.workerCount).toBe(1);
    await vi.waitUntil(() => pool.workerCount === 0, { timeout: 20_000 });
  });
});

describe('a failing job', () => {
  it('is refused with the same code, message and details, and its thread goes on', async () => {
    const pool = newPool({ maxWorkers: 1 });
    const lease = await pool.lease();
    const refused = await lease.run({ kind: 'refuse' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DomainError);
    expect(refused).toMatchObject({
      code: 'PayloadTooLarge',
      message: 'Send less.',
      details: { limitBytes: 10 },
    });
    expect(await lease.run(echo('next'))).toBe('next');
    lease.release();
    expect(pool.workerCount).toBe(1);
  });

  it('that throws anything else says what was thrown', async () => {
    const error = await newPool()
      .run({ kind: 'throw' })
      .catch((error: unknown) => error);
    expect(error).not.toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ message: 'a test worker failed', cause: { message: 'told to throw' } });
    expect((error as Error).cause).toBeInstanceOf(TypeError);
  });

  it.for(['throw', 'exit', 'exhaust', 'unclonable'] as const)(
    'takes only itself along when its thread dies: %s',
    async (kind) => {
      const pool = newPool({ maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 16 } });
      const bad = pool.run({ kind });
      const good = pool.run(echo('good'));
      await expect(bad).rejects.toThrow('a test worker');
      expect(await good).toBe('good');
    },
  );

  it('that cannot be sent leaves the thread as it is', async () => {
    const pool = newPool({ maxWorkers: 1 });
    const lease = await pool.lease();
    await expect(lease.run(echo(() => 1))).rejects.toThrow('could not be cloned');
    expect(await lease.run(echo(2))).toBe(2);
  });

  it.for(['run', 'lease'] as const)(
    'that never answers is given up, and another thread takes its place: %s',
    async (how) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      const pool = newPool({ maxWorkers: 1, jobMs: 30_000 });
      const lease = how === 'lease' ? await pool.lease() : null;
      const stuck = (lease ?? pool).run(gate().job);
      const next = pool.run(echo('next'));
      const refusal = stuck.catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(29_999);
      expect(pool.workerCount).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(await refusal).toMatchObject({
        code: 'Unavailable',
        details: { retryAfterSeconds: 5 },
        message: 'The hub took too long (a test worker did not answer). Try again in a moment.',
      });
      await expect(lease?.run(echo(1)) ?? stuck).rejects.toMatchObject({ code: 'Unavailable' });
      lease?.release();
      expect(await next).toBe('next');
      expect(pool.workerCount).toBe(1);
    },
  );

  it('has as long as the one before it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const pool = newPool({ maxWorkers: 1, jobMs: 30_000 });
    const lease = await pool.lease();
    expect(await lease.run(echo(1))).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    const { job, open } = gate();
    const second = lease.run(job);
    await vi.advanceTimersByTimeAsync(29_999);
    open();
    expect(await second).toBeNull();
    lease.release();
  });

  it('is each one, when the worker file is missing', async () => {
    const pool = newPool({ workerFile: new URL('./fixtures/missing.ts', WORKER_FILE), maxWorkers: 1 });
    const jobs = await Promise.allSettled([pool.run(echo(1)), pool.run(echo(2))]);
    const failed = { status: 'rejected', reason: { message: 'a test worker failed' } };
    expect(jobs).toMatchObject([failed, failed]);
  });
});

describe('a lease', () => {
  it('keeps the state of its thread to itself', async () => {
    const pool = newPool({ maxWorkers: 2 });
    const texts = ['abc', 'xyz'];
    const sums = await Promise.all(texts.map((text) => sha256InThread(pool, text)));
    expect(sums).toEqual(texts.map((text) => hash('sha256', text)));
    expect(pool.workerCount).toBe(2);
  });

  it('waits its turn among the jobs, and they wait for it', async () => {
    const pool = newPool({ maxWorkers: 1 });
    const done: string[] = [];
    const first = await pool.lease();
    const before = pool.run(echo('before')).then((value) => done.push(String(value)));
    const second = pool.lease();
    const after = pool.run(echo('after')).then((value) => done.push(String(value)));

    expect(await first.run(echo('in the first lease'))).toBe('in the first lease');
    expect(done).toEqual([]);
    first.release();
    const lease = await second;
    await before;
    await lease.run(echo(1));
    await lease.run(echo(2));
    expect(done).toEqual(['before']);
    lease.release();
    await after;
    expect(done).toEqual(['before', 'after']);
    expect(pool.workerCount).toBe(1);
  });

  it('that is released during a job gives the thread back after it', async () => {
    const pool = newPool({ maxWorkers: 1 });
    const done: string[] = [];
    const { job, open } = gate();
    const lease = await pool.lease();
    const running = lease.run(job).then(() => done.push('running'));
    const waiting = pool.run(echo(1)).then(() => done.push('waiting'));
    lease.release();
    open();
    await Promise.all([running, waiting]);
    expect(done).toEqual(['running', 'waiting']);
  });

  it('takes one job at a time, and none when it was released', async () => {
    const pool = newPool({ maxWorkers: 1 });
    const lease = await pool.lease();
    const first = lease.run(echo(1));
    await expect(lease.run(echo(2))).rejects.toThrow('one job at a time');
    expect(await first).toBe(1);

    lease.release();
    const next = await pool.lease();
    lease.release();
    await expect(lease.run(echo(3))).rejects.toThrow('was released');
    const other = pool.run(echo('other'));
    expect(await next.run(echo(4))).toBe(4);
    next.release();
    expect(await other).toBe('other');
  });

  it('ends with its thread, whose place is taken by another one', async () => {
    const pool = newPool({ maxWorkers: 1 });
    const lease = await pool.lease();
    await expect(lease.run({ kind: 'exit' })).rejects.toThrow('a test worker stopped with code 7');
    expect(await pool.run(echo('other'))).toBe('other');
    await expect(lease.run(echo(1))).rejects.toThrow('a test worker stopped with code 7');
    lease.release();
    expect(await pool.run(echo('another'))).toBe('another');
    expect(pool.workerCount).toBe(1);
  });

  it('ends with its thread between two jobs, too', async () => {
    const pool = newPool({ maxWorkers: 1 });
    const { job, open } = gate('break-later');
    const lease = await pool.lease();
    expect(await lease.run(job)).toBeNull();
    open();
    await vi.waitUntil(() => pool.workerCount === 0, { timeout: 20_000 });
    await expect(lease.run(echo(1))).rejects.toThrow('a test worker failed');
    lease.release();
    expect(await pool.run(echo('other'))).toBe('other');
  });

  it('keeps its thread from stopping as idle', async () => {
    const pool = newPool({ idleMs: 1, maxWorkers: 2 });
    const lease = await pool.lease();
    await lease.run({ kind: 'open-hash' });
    await pool.run(echo(1));
    await vi.waitUntil(() => pool.workerCount === 1, { timeout: 20_000 });
    expect(await lease.run({ kind: 'end-hash' })).toBe(hash('sha256', ''));
    lease.release();
    await vi.waitUntil(() => pool.workerCount === 0, { timeout: 20_000 });
  });
});

/** Feeds the text to one thread, letter by letter. */
async function sha256InThread(pool: TestPool, text: string): Promise<unknown> {
  const lease = await pool.lease();
  try {
    await lease.run({ kind: 'open-hash' });
    for (const letter of text) await lease.run({ kind: 'hash', bytes: new TextEncoder().encode(letter) });
    return await lease.run({ kind: 'end-hash' });
  } finally {
    lease.release();
  }
}

describe('the process', () => {
  it('is kept alive by a job, but neither by an idle thread nor by a lease without a job', async () => {
    const program = `
      const { WorkerPool } = await import(${JSON.stringify(new URL('./worker-pool.ts', import.meta.url).href)});
      const workerFile = new URL(${JSON.stringify(WORKER_FILE.href)});
      const pool = new WorkerPool({ workerFile, name: 'test', idleMs: 1e9 });
      pool.lease().then(() => pool.run({ kind: 'echo', value: 'done' })).then(console.log);
    `;
    const { stdout } = await execFileAsync(process.execPath, ['--input-type=module', '--eval', program]);
    expect(stdout.trim()).toBe('done');
  });
});

describe('close', () => {
  it('rejects running, waiting and later jobs and leases', async () => {
    const pool = newPool({ maxWorkers: 2 });
    const lease = await pool.lease();
    const jobs = Promise.allSettled([
      lease.run(gate().job),
      pool.run(gate().job),
      pool.run(echo(1)),
      pool.lease(),
    ]);
    await pool.close();
    expect((await jobs).map((job) => job.status)).toEqual(Array(4).fill('rejected'));
    await expect(lease.run(echo(1))).rejects.toThrow('a test worker stopped');
    await expect(pool.run(echo(1))).rejects.toThrow('the test pool is closed');
    await expect(pool.lease()).rejects.toThrow('the test pool is closed');
    lease.release();
    expect(pool.workerCount).toBe(0);
  });
});
