import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test as base } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { ZERO_OID } from '../../src/git/oid.ts';
import { encodePkt, FLUSH_PKT, parsePkts, pktText } from '../../src/git/pkt-line.ts';
import { tracesOf } from '../support/hostile.ts';
import { HubProcess } from '../support/hub-process.ts';
import { openTestHub, type TestHub } from '../support/test-hub.ts';
import { type TestUser, World } from '../support/world.ts';
import { GitClient } from './git-hub.ts';
import {
  BRANCH_NAMES,
  changedCommands,
  creationOf,
  malformedCommands,
  STRICTER_NAMES,
} from './hostile-commands.ts';
import { BASE, bombs, type HostilePack, hostilePacks } from './hostile-packs.ts';
import { MemoryWatch } from './memory-watch.ts';

const SEED = 20_260_101;
const MAX_MEMORY_BYTES = 512 * 2 ** 20;
const LANES = 4;
const READ_EVERY_MS = 100;

/** A hub that runs as a process of its own, and a second one on the same data to make accounts and to look into. */
interface Target {
  readonly test: TestHub;
  readonly hub: HubProcess;
  readonly dataDir: string;
  readonly world: World;
  readonly owner: TestUser;
}

const it = base.extend('target', { scope: 'file' }, async ({}, { onCleanup }): Promise<Target> => {
  const test = await openTestHub();
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-hostile-'));
  await symlink(join(test.hub.config.dataDir, 'objects'), join(dataDir, 'objects'));
  const { KOHAKU_HUB_BASE_URL: _, ...env } = test.env;
  const hub = await HubProcess.start({ dataDir, env: { ...env, KOHAKU_HUB_DATA_DIR: dataDir } });
  onCleanup(async () => {
    await hub.stop();
    await rm(dataDir, { recursive: true, force: true });
    await test.close();
  });
  const world = new World(test.hub);
  return { test, hub, dataDir, world, owner: await world.user() };
});

interface Answer {
  readonly status: number;
  /** Lines of the report. */
  readonly report: readonly string[];
  /** What is shown to the user. */
  readonly messages: string;
}

async function send({ hub, owner }: Target, repo: RepoRef, body: Buffer): Promise<Answer> {
  const response = await fetch(`${hub.url}/${repo.namespace}/${repo.name}/git-receive-pack`, {
    method: 'POST',
    headers: { ...owner.headers, 'content-type': 'application/x-git-receive-pack-request' },
    body: new Uint8Array(body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) return { status: response.status, report: [], messages: bytes.toString() };
  const bands = payloads(bytes).map((payload) => ({ band: payload[0], text: payload.subarray(1) }));
  const ofBand = (wanted: number): Buffer =>
    Buffer.concat(bands.flatMap(({ band, text }) => (band === wanted ? [text] : [])));
  return { status: 200, report: payloads(ofBand(1)).map(pktText), messages: ofBand(2).toString() };
}

function payloads(bytes: Buffer): Buffer[] {
  const pkts = [...parsePkts(bytes, { totalBytes: 1e7, count: 1e5 })];
  return pkts.flatMap((pkt) => (pkt.kind === 'data' ? [pkt.payload] : []));
}

function creation(ref: string, tip: string, pack: Buffer): Buffer {
  const command = encodePkt(`${ZERO_OID} ${tip} ${ref}\0report-status side-band-64k object-format=sha1`);
  return Buffer.concat([command, FLUSH_PKT, pack]);
}

/** A repository that holds the base, and nothing else of the test. */
async function opened(target: Target): Promise<RepoRef> {
  const repo = await target.world.repo(target.owner);
  const answer = await send(target, repo, creation('refs/heads/base', BASE.tip, BASE.pack));
  expect(answer.report).toEqual(['unpack ok', 'ok refs/heads/base']);
  return repo;
}

/** Runs a few at once, and returns the results in order. */
async function inLanes<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

/** A repository of git alone with the base in it, where git itself judges packs. */
class Judge {
  readonly #client: GitClient;

  constructor(client: GitClient) {
    this.#client = client;
  }

  async prepare(): Promise<this> {
    await this.#client.git('init', '-q', '--bare', 'judge');
    await this.run('judge/objects', ['index-pack', '--stdin', '--strict'], BASE.pack);
    await this.#client.in('judge', 'update-ref', 'refs/heads/base', BASE.tip);
    return this;
  }

  /** Whether `git index-pack --strict` takes the pack, and `git fsck --strict` has nothing to say of the tip. */
  async accepts({ pack, tip }: HostilePack, index: number): Promise<boolean> {
    const objects = `quarantine${index}`;
    await mkdir(join(this.#client.path(objects), 'pack'), { recursive: true });
    const isTaken = await this.run(objects, ['index-pack', '--stdin', '--fix-thin', '--strict'], pack);
    const isAccepted = isTaken && (await this.run(objects, ['fsck', '--strict', '--no-dangling', tip]));
    await rm(this.#client.path(objects), { recursive: true });
    return isAccepted;
  }

  private async run(
    objects: string,
    args: readonly string[],
    input: Buffer = Buffer.alloc(0),
  ): Promise<boolean> {
    const env = {
      ...this.#client.environment,
      GIT_DIR: this.#client.path('judge'),
      GIT_OBJECT_DIRECTORY: this.#client.path(objects),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: this.#client.path('judge', 'objects'),
    };
    const running = promisify(execFile)('git', args, { env, cwd: this.#client.directory });
    running.child.stdin?.on('error', () => {});
    running.child.stdin?.end(input);
    return running.then(
      () => true,
      () => false,
    );
  }
}

function idOf({ namespace, name }: RepoRef): string {
  return `${namespace}/${name}`;
}

async function statusOf({ hub }: Target, path: string): Promise<number> {
  const response = await fetch(`${hub.url}${path}`);
  await response.arrayBuffer();
  return response.status;
}

/** Somebody who reads while the hub is busy with all that. */
async function reading(target: Target, at: RepoRef, over: AbortSignal): Promise<number[]> {
  const repo = idOf(at);
  const paths = [
    `/api/models/${repo}`,
    `/api/models/${repo}/commits/base`,
    `/${repo}/info/refs?service=git-upload-pack`,
    `/api/models/${repo}/tree/base`,
  ];
  const statuses: number[] = [];
  for (let turn = 0; !over.aborted; turn++) {
    statuses.push(await statusOf(target, paths[turn % paths.length]!));
    await delay(READ_EVERY_MS);
  }
  return statuses;
}

/** Does something while somebody reads and the memory is watched: every read is answered, and the memory stays bounded. */
async function watched(target: Target, repo: RepoRef, work: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const reader = reading(target, repo, over.signal);
  const memory = MemoryWatch.of(target.hub.pid);
  try {
    await work();
  } finally {
    over.abort();
    await memory.stop();
  }
  const statuses = await reader;
  expect(statuses.length).toBeGreaterThan(4);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(memory.peakBytes).toBeLessThan(MAX_MEMORY_BYTES);
}

async function quarantines({ dataDir }: Target): Promise<string[]> {
  return readdir(join(dataDir, 'cache', 'git', 'views'));
}

async function refsOf({ test, owner }: Target, repo: RepoRef): Promise<Readonly<Record<string, string>>> {
  const { storeId } = await test.hub.services().access.require(owner.actor, repo, 'read');
  const rows = await test.hub.deps.sql.query<{ name: string; oid: string }>({
    text: `select name, encode(oid, 'hex') as oid from git_ref where store_id = $1`,
    values: [storeId],
  });
  return Object.fromEntries(rows.map(({ name, oid }) => [name, oid]));
}

it('packs are taken and refused as git does', { timeout: 300_000 }, async ({ target }) => {
  const packs = hostilePacks(SEED);
  expect(packs.length).toBeGreaterThanOrEqual(500);
  await using client = await GitClient.make();
  const judge = await new Judge(client).prepare();
  const isAccepted = await inLanes(packs, (pack, index) => judge.accepts(pack, index));
  const repo = await opened(target);
  const before = await tracesOf(target.test.hub);
  const refs = await refsOf(target, repo);
  const wrong: string[] = [];
  const taken: { ref: string; tip: string }[] = [];

  await watched(target, repo, async () => {
    // What git refuses comes first: it must leave nothing.
    const refused = packs.filter((_, index) => !isAccepted[index]);
    await inLanes(refused, async (pack, index) => {
      const answer = await send(target, repo, creation(`refs/heads/r${index}`, pack.tip, pack.pack));
      if (answer.status !== 200 || !answer.report[1]?.startsWith('ng ') || isInternal(answer))
        wrong.push(`git refuses ${pack.name}: ${described(answer)}`);
    });
    expect(await tracesOf(target.test.hub)).toEqual(before);
    expect(await refsOf(target, repo)).toEqual(refs);
    expect(await quarantines(target)).toEqual([]);

    const others = packs.filter((_, index) => isAccepted[index]);
    await inLanes(others, async (pack, index) => {
      const ref = `refs/heads/a${index}`;
      const answer = await send(target, repo, creation(ref, pack.tip, pack.pack));
      if (answer.report[1] === `ok ${ref}`) taken.push({ ref, tip: pack.tip });
      else if (isInternal(answer) || !pack.stricter?.test(described(answer)))
        wrong.push(`git takes ${pack.name}: ${described(answer)}`);
    });
    expect(await quarantines(target)).toEqual([]);
  });

  expect(wrong).toEqual([]);
  expect(taken.length).toBeGreaterThan(50);
  const unread = await inLanes(taken, ({ tip }) =>
    statusOf(target, `/api/models/${idOf(repo)}/commits/${tip}`),
  );
  expect(unread.filter((status) => status !== 200)).toEqual([]);
  const all = { ...refs, ...Object.fromEntries(taken.map(({ ref, tip }) => [ref, tip])) };
  expect(await refsOf(target, repo)).toEqual(all);
  await client.git('clone', '-q', '--mirror', `${target.hub.url}/${idOf(repo)}`, 'all');
  // Of some modes and links it warns.
  const { code, stdout, stderr } = await client.try('-C', client.path('all'), 'fsck', '--strict', '--full');
  expect([code, `${stdout}${stderr}`]).toEqual([0, expect.not.stringMatching(/error|missing|broken/)]);
  expect(target.hub.output).not.toContain('a push failed');
});

function isInternal({ report, messages }: Answer): boolean {
  return (
    report.some((line) => line.includes('internal server error')) || messages.includes('Its log says why')
  );
}

function described({ status, report, messages }: Answer): string {
  return [status, ...report, messages].join(' | ');
}

it('bombs leave nothing, and cost little memory', { timeout: 120_000 }, async ({ target }) => {
  const repo = await opened(target);
  const [before, refs] = [await tracesOf(target.test.hub), await refsOf(target, repo)];
  await watched(target, repo, async () => {
    for (const { name, tip, pack, refusal } of bombs()) {
      const answer = await send(target, repo, creation('refs/heads/bomb', tip, pack));
      expect([name, described(answer)]).toEqual([name, expect.stringMatching(refusal)]);
    }
  });
  expect(await tracesOf(target.test.hub)).toEqual(before);
  expect(await refsOf(target, repo)).toEqual(refs);
  expect(await quarantines(target)).toEqual([]);
});

it('commands that are none are refused before git runs', async ({ target }) => {
  const repo = await opened(target);
  const [before, refs] = [await tracesOf(target.test.hub), await refsOf(target, repo)];
  const commands = malformedCommands();
  const answers = await inLanes(commands, ({ body }) => send(target, repo, body));
  const wrong = commands.flatMap(({ name }, index) => {
    const answer = answers[index]!;
    return answer.status === 400 ? [] : [`${name}: ${described(answer)}`];
  });
  expect(wrong).toEqual([]);
  expect(await tracesOf(target.test.hub)).toEqual(before);
  expect(await refsOf(target, repo)).toEqual(refs);
});

it('commands with a changed byte are taken as they are, or refused', async ({ target }) => {
  const repo = await opened(target);
  const refs = { ...(await refsOf(target, repo)) };
  for (const { name, body } of changedCommands(SEED)) {
    const answer = await send(target, repo, body);
    expect([name, answer.status]).toEqual([name, answer.status === 200 ? 200 : 400]);
    expect([name, isInternal(answer)]).toEqual([name, false]);
    // What stands where the ref is named is the ref, and where it is not at the base nothing came of it.
    const now = await refsOf(target, repo);
    const made = Object.keys(now).filter((ref) => !(ref in refs));
    const sent = body.toString();
    expect([name, made.every((ref) => sent.includes(` ${ref}`) && now[ref] === BASE.tip)]).toEqual([
      name,
      true,
    ]);
    Object.assign(refs, now);
  }
  expect(target.hub.output).not.toContain('a push failed');
});

it('names of branches are those of git', async ({ target }) => {
  const repo = await opened(target);
  await using client = await GitClient.make();
  const answer = await send(target, repo, creationOf(BRANCH_NAMES));
  const taken = new Set(answer.report.flatMap((line) => (line.startsWith('ok ') ? [line.slice(3)] : [])));
  expect(answer.report).toHaveLength(1 + BRANCH_NAMES.length);
  const wrong: string[] = [];
  for (const name of BRANCH_NAMES) {
    const { code } = await client.try('check-ref-format', `refs/heads/${name}`);
    const isGood = code === 0 && !STRICTER_NAMES.has(name);
    if (isGood !== taken.has(`refs/heads/${name}`)) wrong.push(`${JSON.stringify(name)}: git says ${code}`);
  }
  expect(wrong).toEqual([]);
});
