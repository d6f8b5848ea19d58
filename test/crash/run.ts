import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { runningEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { HubClient } from '../support/hub-client.ts';
import { HubProcess } from '../support/hub-process.ts';
import { Pusher } from './pusher.ts';

/**
 * Kills the hub with SIGKILL at random moments while writers commit and push, branches come and go, garbage is collected and
 * segments are merged, and starts it again on the same data directory. After every restart each acknowledged commit must be in history, its
 * file must have the right bytes, and `hub fsck` must be clean; at the end also `git fsck` of a clone, and nothing of the deleted branches may be left.
 *
 * usage: node test/crash/run.ts [kills] [milliseconds that a hub lives at most]
 */

const WRITERS = 4;
const REPOS = 2;
const LARGE_BYTES = 200_000;
const MANY_FILES = 300;
/** More than a store keeps without merging them. */
const MANY_SEGMENTS = 60;
/** Garbage is collected all the time, and bytes that were replaced are removed a moment later. */
const ENV = {
  KOHAKU_HUB_GC_INTERVAL_MS: '100',
  KOHAKU_HUB_GC_GRACE_MS: '300',
  KOHAKU_HUB_GC_REPLACED_GRACE_MS: '1000',
};
/** After so many kills the operator's command runs, too: it also removes bytes. */
const KILLS_BETWEEN_COMMANDS = 5;
/** Branches of this name are deleted. */
const TEMPORARY = 'temporary';

interface File {
  readonly repo: string;
  readonly path: string;
  readonly content: Buffer;
}

/** A commit that the hub has answered. */
interface Acknowledged {
  readonly repo: string;
  readonly branch: string;
  readonly oid: string;
  readonly path: string;
  readonly sha256: string;
}

const kills = Number(process.argv[2] ?? 20);
const maxAliveMs = Number(process.argv[3] ?? 1500);
const dataDir = await mkdtemp(join(tmpdir(), 'hub-crash-'));
const acknowledged: Acknowledged[] = [];
let verified = 0;
let hub = await HubProcess.start({ dataDir, env: ENV });
const { port } = hub;
const alice = await hub.account('alice');
const client = new HubClient(hub.url, alice.token);
const repos = Array.from({ length: REPOS }, (_, index) => `alice/crash-${index}`);
for (const repo of repos) await client.createModel(repo.split('/')[1]!);
await Promise.all(repos.map(makeSegments));
const cloneDir = await mkdtemp(join(tmpdir(), 'hub-crash-clones-'));
const pushers = await Promise.all(repos.map((repo) => Pusher.clone(join(cloneDir, repo), remoteOf(repo))));

for (let round = 1; round <= kills; round++) {
  const stop = new AbortController();
  const writers = [
    ...Array.from({ length: WRITERS }, (_, writer) => write(writer, stop.signal)),
    branchOff(round, stop.signal),
    push(round, stop.signal),
  ];
  await delay(randomInt(50, maxAliveMs));
  await hub.kill();
  stop.abort();
  await Promise.all(writers);
  hub = await HubProcess.start({ dataDir, port, env: ENV });
  await verify(round);
  await hub.command('fsck');
  if (round % KILLS_BETWEEN_COMMANDS === 0) await hub.command('gc');
}

await hub.stop();
hub = await HubProcess.start({ dataDir, port, env: ENV });
verified = 0;
await verify(kills);
await deleteTemporaryBranches();
await delay(Number(ENV.KOHAKU_HUB_GC_GRACE_MS) + 100);
const collected = await hub.command('gc');
const merged = await countMerged();
if (merged === 0) throw new Error('no segments were merged, so nothing was tested of it');
const nothing = await hub.command('gc', '--dry-run');
if (nothing.includes('would free')) throw new Error(`garbage is left:\n${nothing}`);
verified = 0;
await verify(kills);
await rm(join(dataDir, 'cache'), { recursive: true, force: true });
for (const pusher of pushers) await pusher.check();
const fsck = await hub.command('fsck');
await hub.stop();
await rm(dataDir, { recursive: true, force: true });
await rm(cloneDir, { recursive: true, force: true });
console.log(collected.trim());
console.log(fsck.trim());
console.log(
  `${kills} kills, ${merged} merged segments, ${acknowledged.length} acknowledged commits, 0 lost.`,
);

/** Commits until it is told to stop. */
async function write(writer: number, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const repo = repos[n % REPOS]!;
    const path = `w${writer}/${Date.now()}-${n}.bin`;
    const kind = randomInt(10);
    const content = randomBytes(kind < 2 ? LARGE_BYTES : randomInt(10, 4000));
    try {
      const oid = await commit(kind, client, { repo, path, content });
      acknowledged.push({ repo, branch: 'main', oid, path, sha256: sha256(content) });
    } catch (error) {
      // The hub is being killed: what was not acknowledged is not promised.
      if (signal.aborted || isConnectionError(error)) continue;
      throw error;
    }
  }
}

/** Makes branches, commits to them and deletes most of them again, until it is told to stop. */
async function branchOff(round: number, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const repo = repos[n % REPOS]!;
    const isKept = n % 5 === 0;
    const branch = `${isKept ? 'kept' : TEMPORARY}-${round}-${n}`;
    const path = `${branch}.bin`;
    const content = randomBytes(randomInt(10, LARGE_BYTES));
    try {
      await client.on(branch).createBranch(repo);
      const oid = await commit(randomInt(4), client.on(branch), { repo, path, content });
      if (isKept) acknowledged.push({ repo, branch, oid, path, sha256: sha256(content) });
      else await client.on(branch).deleteBranch(repo);
    } catch (error) {
      if (signal.aborted || isConnectionError(error)) continue;
      throw error;
    }
  }
}

/** Pushes branches with a commit more each, and deletes most of them again, until it is told to stop. */
async function push(round: number, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const repo = repos[n % REPOS]!;
    const pusher = pushers[n % REPOS]!;
    const isKept = n % 3 === 0;
    const branch = `${isKept ? 'pushed' : TEMPORARY}-by-git-${round}-${n}`;
    const path = `git/${branch}.bin`;
    const content = randomBytes(randomInt(10, LARGE_BYTES));
    const oid = await pusher.commit(path, content);
    if (!(await pusher.push(branch, 'head'))) continue;
    if (isKept) acknowledged.push({ repo, branch, oid, path, sha256: sha256(content) });
    else await pusher.push(branch, 'nothing');
  }
}

/** The address of a repository for Git, with the account's token. */
function remoteOf(repo: string): string {
  return Object.assign(new URL(`${hub.url}/${repo}`), { username: 'alice', password: alice.token }).href;
}

/** So many that they are merged, however few commits there are time for. */
async function makeSegments(repo: string): Promise<void> {
  for (let n = 0; n < MANY_SEGMENTS; n++) {
    await client.commitFiles(repo, { [`segments/${n}.txt`]: Buffer.from(`${n}`) });
  }
}

/** Segments that were made of others. */
async function countMerged(): Promise<number> {
  const postgres = runningEmbeddedPostgres(dataDir);
  const database = new Client({ connectionString: postgres.connection.url });
  await database.connect();
  try {
    const { rows } = await database.query<{ count: number }>(
      `select count(*)::int as count from git_segment where kind = 'compact'`,
    );
    return rows[0]!.count;
  } finally {
    await database.end();
    await postgres.stop();
  }
}

/** Those that a kill left behind. */
async function deleteTemporaryBranches(): Promise<void> {
  for (const repo of repos) {
    for (const branch of await client.branches(repo))
      if (branch.startsWith(TEMPORARY)) await client.on(branch).deleteBranch(repo);
  }
}

/** One file by LFS, one by Xet, many files, or most often one small file. */
function commit(kind: number, to: HubClient, { repo, path, content }: File): Promise<string> {
  if (kind === 0) return to.commitLfs(repo, path, content);
  if (kind === 1) return to.commitXet(repo, path, content);
  return to.commitFiles(repo, kind === 2 ? withMany(path, content) : { [path]: content });
}

/** Enough files that their contents go to the object store. */
function withMany(path: string, content: Buffer): Record<string, Buffer> {
  const many = Array.from(
    { length: MANY_FILES },
    (_, index) => [`${path}.d/${index}`, randomBytes(500)] as const,
  );
  return { ...Object.fromEntries(many), [path]: content };
}

async function verify(round: number): Promise<void> {
  for (const repo of repos) {
    const history = new Set(await client.history(repo));
    const here = acknowledged.filter((commit) => commit.repo === repo);
    const lost = here.find(({ branch, oid }) => branch === 'main' && !history.has(oid));
    if (lost) throw new Error(`round ${round}: commit ${lost.oid} of ${repo} was acknowledged and is lost`);
    for (const { branch, oid } of here.filter((commit) => commit.branch !== 'main')) {
      const [head] = await client.on(branch).history(repo);
      if (head !== oid)
        throw new Error(`round ${round}: ${branch} of ${repo} was at ${oid} and is at ${head}`);
    }
  }
  // Each file once, and all of them at the end.
  for (const commit of acknowledged.slice(verified)) {
    const content = await client.download(commit.repo, commit.oid, commit.path);
    if (sha256(content) !== commit.sha256) throw new Error(`round ${round}: ${commit.path} has other bytes`);
  }
  verified = acknowledged.length;
  if (round % 10 === 0) console.log(`${round} kills, ${acknowledged.length} commits intact`);
}

function isConnectionError(error: unknown): boolean {
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
