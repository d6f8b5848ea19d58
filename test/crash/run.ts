import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HubClient } from '../support/hub-client.ts';
import { HubProcess } from '../support/hub-process.ts';

/**
 * Kills the hub with SIGKILL at random moments while writers commit, and starts it again on the same data directory.
 * After every restart each acknowledged commit must be in history and its file must have the right bytes; at the end
 * `hub fsck` must be clean.
 *
 * usage: node test/crash/run.ts [kills]
 */

const WRITERS = 4;
const REPOS = 2;
const MAX_ALIVE_MS = 1500;
const LARGE_BYTES = 200_000;
const MANY_FILES = 300;

/** A commit that the hub has answered. */
interface Acknowledged {
  readonly repo: string;
  readonly oid: string;
  readonly path: string;
  readonly sha256: string;
}

const kills = Number(process.argv[2] ?? 20);
const dataDir = await mkdtemp(join(tmpdir(), 'hub-crash-'));
const acknowledged: Acknowledged[] = [];
let verified = 0;
let hub = await HubProcess.start({ dataDir });
const { port } = hub;
const alice = await hub.account('alice');
const client = new HubClient(hub.url, alice.token);
const repos = Array.from({ length: REPOS }, (_, index) => `alice/crash-${index}`);
for (const repo of repos) await client.createModel(repo.split('/')[1]!);

for (let round = 1; round <= kills; round++) {
  const stop = new AbortController();
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer, stop.signal));
  await delay(randomInt(50, MAX_ALIVE_MS));
  await hub.kill();
  stop.abort();
  await Promise.all(writers);
  hub = await HubProcess.start({ dataDir, port });
  await verify(round);
}

await hub.stop();
hub = await HubProcess.start({ dataDir, port });
verified = 0;
await verify(kills);
const fsck = await hub.command('fsck');
await hub.stop();
await rm(dataDir, { recursive: true, force: true });
console.log(fsck.trim());
console.log(`${kills} kills, ${acknowledged.length} acknowledged commits, 0 lost.`);

/** Commits until it is told to stop. */
async function write(writer: number, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const repo = repos[n % REPOS]!;
    const path = `w${writer}/${Date.now()}-${n}.bin`;
    const kind = randomInt(10);
    const content = randomBytes(kind < 2 ? LARGE_BYTES : randomInt(10, 4000));
    try {
      const oid = await commit(kind, repo, path, content);
      acknowledged.push({ repo, oid, path, sha256: sha256(content) });
    } catch (error) {
      // The hub is being killed: what was not acknowledged is not promised.
      if (signal.aborted || isConnectionError(error)) continue;
      throw error;
    }
  }
}

/** One file by LFS, one by Xet, many files, or most often one small file. */
function commit(kind: number, repo: string, path: string, content: Buffer): Promise<string> {
  if (kind === 0) return client.commitLfs(repo, path, content);
  if (kind === 1) return client.commitXet(repo, path, content);
  return client.commitFiles(repo, kind === 2 ? withMany(path, content) : { [path]: content });
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
    const lost = acknowledged.find((commit) => commit.repo === repo && !history.has(commit.oid));
    if (lost) throw new Error(`round ${round}: commit ${lost.oid} of ${repo} was acknowledged and is lost`);
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
