import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test as base, vi } from 'vitest';
import { type EndMessage, type GitCommand, GitRunner } from '../../src/git-runner/git-runner.ts';
import { hashObject } from '../../src/git/object.ts';

const NEVER = new AbortController().signal;

const it = base.extend('runner', async ({}, { onCleanup }) => {
  const limits = { maxProcesses: 1, maxIntakes: 1, maxWaiting: 4, waitMs: 60_000 };
  const runner = new GitRunner({
    homeDir: '/nonexistent',
    timeLimitMs: 60_000,
    maxStallMs: 60_000,
    ...limits,
  });
  onCleanup(() => runner.close());
  return runner;
});

async function output(
  runner: GitRunner,
  command: Omit<GitCommand, 'signal'>,
): Promise<{ text: string; end: EndMessage }> {
  const run = runner.run({ signal: NEVER, ...command });
  const chunks: Buffer[] = [];
  for (let read = await run.next(); ; read = await run.next()) {
    if (read.done) return { text: Buffer.concat(chunks).toString(), end: read.value };
    chunks.push(read.value);
  }
}

async function* stream(chunks: readonly Buffer[], after?: () => Promise<never>): AsyncGenerator<Buffer> {
  yield* chunks;
  await after?.();
}

const HASH = ['hash-object', '--stdin'];

it('passes on a stream of input, however it is cut', async ({ runner }) => {
  const bytes = randomBytes(3_000_000);
  const cuts = [0, 1, 70_000, 70_001, 2_500_000, bytes.length];
  const chunks = cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
  const { text, end } = await output(runner, { args: HASH, input: stream(chunks) });
  expect(end).toMatchObject({ exitCode: 0, reason: 'exited' });
  expect(text.trim()).toBe(hashObject('blob', bytes));
});

it('reads no more of a stream than git takes', async ({ runner }) => {
  let given = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      given++;
      yield Buffer.alloc(64 * 1024, 'x');
    }
  }
  // It ends without reading all of that.
  const { end } = await output(runner, { args: ['index-pack', '--stdin'], input: endless() });
  expect(end).toMatchObject({ exitCode: 128, reason: 'exited' });
  expect(given).toBeLessThan(1000);
});

it('does not wait for a stream that stays open when git has ended', async ({ runner }) => {
  const silent = stream([Buffer.from('no pack at all.....')], () => new Promise(() => {}));
  const { end } = await output(runner, { args: ['index-pack', '--stdin'], input: silent });
  expect(end.stderr).toContain('requires a git repository');
  expect(runner.runningCount).toBe(0);
});

it('ends git, and throws, when a stream fails', async ({ runner }) => {
  const broken = stream([Buffer.from('x')], () => Promise.reject(new Error('cut off')));
  await expect(output(runner, { args: HASH, input: broken })).rejects.toThrow('cut off');
  expect(runner.runningCount).toBe(0);
});

it('runs several commands in one place', async ({ runner }) => {
  using place = await runner.hold(NEVER);
  const first = place.run({ args: HASH, input: Buffer.from('a'), signal: NEVER });
  const ids: string[] = [];
  // The second one reads what the first one writes.
  for await (const chunk of place.run({ args: HASH, input: first, signal: NEVER }))
    ids.push(chunk.toString());
  const inner = `${hashObject('blob', Buffer.from('a'))}\n`;
  expect(ids.join('').trim()).toBe(hashObject('blob', Buffer.from(inner)));
  // Intakes have places of their own.
  using intake = await runner.hold(NEVER, 'intake');
  expect(intake).toBeDefined();
  expect(runner.runningCount).toBe(2);
});

it('bounds the memory of git', async ({ runner }) => {
  const args = ['hash-object', '--stdin'];
  const input = Buffer.alloc(80_000_000);
  const { end } = await output(runner, { args, input, memoryBytes: 64_000_000 });
  expect(end.exitCode).not.toBe(0);
  expect(end.stderr).toMatch(/out of memory|cannot allocate|mmap/i);
  expect((await output(runner, { args, input, memoryBytes: 2_000_000_000 })).end.exitCode).toBe(0);
});

describe('a command whose input is all there', () => {
  it('gets the input, and its output comes whole', async ({ runner }) => {
    const text = Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`).join('');
    const { text: said, end } = await output(runner, {
      args: ['column', '--mode=plain'],
      input: Buffer.from(text),
    });
    expect(end).toEqual({ exitCode: 0, reason: 'exited', stderr: '' });
    expect(said === text).toBe(true);
  });

  it('is read at the pace of its reader', async ({ runner }) => {
    const run = runner.run({ args: ECHOES, signal: NEVER });
    let bytes = 0;
    while (bytes < 10_000_000) bytes += (await nextOf(run)).length;
    await run.return({ exitCode: null, stderr: '', reason: 'killed' });
    await vi.waitFor(async () => expect(await childrenOf(runner)).toEqual([]));
  });

  it('is ended with all that it started when nobody reads on', async ({ runner }) => {
    const run = runner.run({ args: WAITS, signal: NEVER });
    expect((await nextOf(run)).toString()).toBe('started\n');
    expect(await childrenOf(runner)).toHaveLength(1);
    await run.return({ exitCode: null, stderr: '', reason: 'killed' });
    await vi.waitFor(async () => expect(await childrenOf(runner)).toEqual([]));
    expect(runner.runningCount).toBe(0);
  });

  it('is ended by the signal', async ({ runner }) => {
    const gone = new AbortController();
    const run = runner.run({ args: WAITS, signal: gone.signal });
    await nextOf(run);
    gone.abort(new Error('gone'));
    await expect(run.next()).rejects.toThrow('gone');
    await vi.waitFor(async () => expect(await childrenOf(runner)).toEqual([]));
  });

  it('fails with the runner, and the next one has another runner', async ({ runner }) => {
    const run = runner.run({ args: WAITS, signal: NEVER });
    await nextOf(run);
    const [git] = await childrenOf(runner);
    process.kill((await runner.runnerPid())!, 'SIGKILL');
    process.kill(-git!, 'SIGKILL');
    await expect(run.next()).rejects.toThrow('the git-runner ended while git ran');
    expect(await runner.version(NEVER)).toMatch(/^git version /);
  });

  it('tells how it ended', async ({ runner }) => {
    const { text, end } = await output(runner, { args: ['no-such-command'] });
    expect([text, end]).toEqual([
      '',
      {
        exitCode: 1,
        reason: 'exited',
        stderr: expect.stringContaining("'no-such-command' is not a git command"),
      },
    ]);
  });
});

/** Commands that do not end by themselves. */
const WAITS = ['-c', 'alias.wait=!echo started; exec sleep 1000', 'wait'];
const ECHOES = ['-c', 'alias.echoes=!exec yes', 'echoes'];

async function nextOf(run: ReturnType<GitRunner['run']>): Promise<Buffer> {
  const { done, value } = await run.next();
  if (done) throw new Error(`git ended: ${JSON.stringify(value)}`);
  return value;
}

/** Process ids of the gits of a runner. */
async function childrenOf(runner: GitRunner): Promise<number[]> {
  const runnerPid = await runner.runnerPid();
  const children: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const [, state = '', parent = ''] = /^\d+ \(.*\) (\S) (\d+)/.exec(line) ?? [];
    if (Number(parent) === runnerPid && state !== 'Z') children.push(Number(pid));
  }
  return children;
}
