import { randomBytes } from 'node:crypto';
import { expect, test as base } from 'vitest';
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
