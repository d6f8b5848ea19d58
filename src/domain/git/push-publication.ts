import type { SqlTransaction } from '../../db/sql.ts';
import type { Oid } from '../../git/oid.ts';
import type { TreeEntry } from '../../git/tree.ts';
import type { Deps } from '../deps.ts';
import { Conflict } from '../errors.ts';
import { linkLfsObjects } from '../lfs/lfs.queries.ts';
import { chargeStorage } from '../quota/quota.queries.ts';
import { promiseIndexing, touchRepoHead } from '../version/commit.queries.ts';
import { insertCommitEvent } from '../version/pull-request.queries.ts';
import { MAIN_REF } from '../version/ref-names.ts';
import { lockRef } from '../version/ref.queries.ts';
import { holdStore } from '../version/store-hold.queries.ts';
import { treeSource } from '../version/tree-source.ts';
import type { PushCommand, PushRequest } from './push-commands.ts';
import type { PushedPointer, TagTarget } from './push-content.ts';
import {
  insertPushed,
  type PushedRows,
  type PushedSegment,
  readRefNames,
  readRefsForUpdate,
  readTips,
  swapRefs,
} from './push-import.queries.ts';
import type { PushCall } from './push-run.ts';
import { prefixConflicts, pullRequestNumber } from './push-rules.ts';
import { settlePack } from './push-segment.ts';

/** Refs by name, with why they are refused, or null. */
export type Judgement = ReadonlyMap<string, string | null>;

/** What a push brings, checked and stored, ready for its rows. */
export interface PushedObjects {
  readonly segment: PushedSegment;
  readonly rows: PushedRows;
  readonly pointers: readonly PushedPointer[];
  readonly tags: ReadonlyMap<Oid, TagTarget>;
}

export interface Published {
  readonly judged: Judgement;
  readonly needsIndexing: boolean;
}

type Caller = Omit<PushCall, 'signal'>;

/** A push of more refs takes one queue instead of theirs: PostgreSQL has room for a few thousand locks. */
const MAX_REF_LOCKS = 50;

/** The commands that would change something and are not refused, in order of their refs; none when one refusal refuses all. */
export function wantedOf({ commands, isAtomic }: PushRequest, judged: Judgement): readonly PushCommand[] {
  if (isAtomic && commands.some(({ refName }) => judged.get(refName))) return [];
  return commands
    .filter(({ refName, oldOid, newOid }) => !judged.get(refName) && (oldOid !== null || newOid !== null))
    .toSorted((a, b) => (a.refName < b.refName ? -1 : 1));
}

/** Everything that a push changes, in one transaction. */
export async function publishPush(
  deps: Deps,
  call: Caller,
  { judged, pushed }: { readonly judged: Judgement; readonly pushed: PushedObjects | null },
): Promise<Published> {
  if (wantedOf(call.request, judged).length === 0)
    return { judged: explainAtomic(call.request, judged), needsIndexing: false };
  return deps.sql.transaction(async (tx) => {
    const rejudged = await judgeNow(tx, call, judged);
    const moves = wantedOf(call.request, rejudged);
    if (moves.length === 0) return { judged: explainAtomic(call.request, rejudged), needsIndexing: false };
    if (pushed) await publishObjects(tx, call, pushed);
    await moveRefs(tx, call, moves);
    return { judged: rejudged, needsIndexing: await followMain(tx, deps, call, moves) };
  });
}

/** Git's words for what would have been done without the others. */
function explainAtomic({ isAtomic }: PushRequest, judged: Judgement): Judgement {
  if (!isAtomic) return judged;
  const isRefused = [...judged.values()].some((refusal) => refusal !== null);
  if (!isRefused) return judged;
  return new Map([...judged].map(([refName, refusal]) => [refName, refusal ?? 'atomic push failure']));
}

/** Takes the queues of all refs, and compares them with what the client believes. */
async function judgeNow(tx: SqlTransaction, call: Caller, judged: Judgement): Promise<Judgement> {
  const { storeId } = call.access;
  const wanted = wantedOf(call.request, judged);
  const refNames = wanted.map(({ refName }) => refName);
  const created = wanted.filter(({ oldOid }) => oldOid === null).map(({ refName }) => refName);
  // As for a branch by API: one creation at a time in a store, so that the check for prefixes is right.
  const queues = refNames.length > MAX_REF_LOCKS ? [] : refNames;
  if (created.length > 0) await lockRef(tx, storeId, 'refs');
  else await holdStore(tx, storeId);
  for (const refName of queues) await lockRef(tx, storeId, refName);
  const current = await readRefsForUpdate(tx, storeId, refNames);
  const result = new Map(judged);
  for (const { refName, oldOid } of wanted) {
    const now = current.get(refName) ?? null;
    if (now !== oldOid) result.set(refName, oldOid === null ? 'reference already exists' : 'fetch first');
  }
  if (created.length > 0) {
    const deleted = new Set(wanted.filter(({ newOid }) => newOid === null).map(({ refName }) => refName));
    const kept = (await readRefNames(tx, storeId)).filter((name) => !deleted.has(name));
    const open = created.filter((refName) => result.get(refName) === null);
    for (const refName of prefixConflicts(kept, open))
      result.set(refName, 'another ref has this name as its folder, or the other way round');
  }
  return result;
}

/** The rows first: they charge the namespace before the repository. */
async function publishObjects(
  tx: SqlTransaction,
  { access }: Caller,
  { segment, rows, pointers }: PushedObjects,
): Promise<void> {
  const at = { storeId: access.storeId, repoId: access.id };
  const { newBlobBytes } = await insertPushed(tx, at, { segment, rows });
  await settlePack(tx, segment);
  const sha256s = [...new Set(pointers.map(({ sha256 }) => sha256))];
  const { newlyCommittedBytes } = await linkLfsObjects(tx, access.id, sha256s);
  await chargeStorage(tx, access.id, newBlobBytes + newlyCommittedBytes);
}

async function moveRefs(tx: SqlTransaction, call: Caller, moves: readonly PushCommand[]): Promise<void> {
  const { access, user, via } = call;
  const moved = await swapRefs(tx, { storeId: access.storeId, userId: user.id, via }, moves);
  // They are locked, so that only a writer who knows no locks can have come between.
  if (moved.size < moves.length)
    throw new Conflict('A ref was changed at this moment. Fetch, and push again.');
  const proposed = moves.filter(({ refName, newOid }) => pullRequestNumber(refName) !== null && newOid);
  const tips = await readTips(
    tx,
    access.storeId,
    proposed.map(({ newOid }) => newOid!),
  );
  for (const { refName, newOid } of proposed) {
    const event = { repoId: access.id, number: pullRequestNumber(refName)!, authorId: user.id };
    await insertCommitEvent(tx, event, { oid: newOid!, subject: tips.get(newOid!)?.title ?? '' });
  }
}

/** What follows when the default branch moved. @returns whether what lists filter on may have changed. */
async function followMain(
  tx: SqlTransaction,
  deps: Deps,
  { access }: Caller,
  moves: readonly PushCommand[],
): Promise<boolean> {
  const move = moves.find(({ refName }) => refName === MAIN_REF);
  if (!move?.newOid) return false;
  const { storeId, id: repoId } = access;
  await touchRepoHead(tx, repoId, move.newOid);
  const oids = [move.newOid, ...(move.oldOid ? [move.oldOid] : [])];
  const tips = await readTips(tx, storeId, oids);
  const readTree = treeSource(tx, deps.versionCaches, storeId);
  const [after, before] = await Promise.all(
    oids.map(async (oid) => indexedEntries(await readTree(tips.get(oid)!.treeOid))),
  );
  if (after === (before ?? '')) return false;
  await promiseIndexing(tx, repoId);
  return true;
}

/** What the index is made of: the card and the headers of weights in the root folder. */
function indexedEntries(entries: readonly TreeEntry[]): string {
  return entries
    .filter(({ name }) => name === 'README.md' || name.endsWith('.safetensors'))
    .map(({ name, oid }) => `${name}\0${oid}`)
    .join('\n');
}
