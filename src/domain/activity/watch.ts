import type { Actor, UserActor } from '../actor.ts';
import { addressKey } from '../auth/client-address.ts';
import { type DomainError, Forbidden, InvalidCredentials, RepoNotFound } from '../errors.ts';
import { allows } from '../repo/repo.policy.ts';
import type { ActivityQueue } from './activity-queue.ts';
import type { Standing, Viewer } from './activity.queries.ts';
import type { RefMoved, RepoActivity, UploadsChanged } from './activity.ts';
import { downloadsCounted, likesChanged, type Subject, uploadChanged } from './subjects.ts';

/** Who wants to hear of what. */
export interface Watching {
  readonly actor: Actor;
  /** Where he is: anonymous streams are counted by it. */
  readonly address: string | undefined;
  readonly repo: { readonly id: number; readonly storeId: number };
  /** Everything that happens to the repository, or the caller's own uploads to it. */
  readonly topic: 'repo' | 'uploads';
  /** Of the last movement of a ref that the reader knows: he is told what he missed of the last day. */
  readonly afterReflogId?: number | null;
  /** Aborted when he has gone. */
  readonly signal: AbortSignal;
  /** Called once when the stream has ended, whoever ended it, though he may not have read so far. */
  readonly onEnd?: (() => void) | undefined;
}

export type FeedEvent = RepoActivity | UploadsChanged;

/** One open stream. */
export interface Watch {
  readonly viewer: Viewer;
  readonly storeId: number;
  readonly topic: Watching['topic'];
  /** Whose streams are counted together. */
  readonly owner: string;
  /** What it waits for, as in `Subject.key`. */
  readonly keys: readonly string[];
  readonly queue: ActivityQueue<FeedEvent>;
  /** Movements of refs that were handed on, by their ids in the reflog. */
  readonly told: Set<number>;
}

/** News for those who may hear it. */
export interface News {
  readonly kinds: ReadonlySet<Subject['kind']>;
  readonly moves: readonly RefMoved[];
}

const MAX_TOLD = 1000;

/** A stream without events. @throws {Forbidden} for who came with a password. */
export function watchOf({ actor, address, repo, topic }: Watching, queue: ActivityQueue<FeedEvent>): Watch {
  const isUser = actor.kind === 'user';
  return {
    viewer: isUser
      ? { repoId: repo.id, userId: actor.id, isAdmin: actor.isAdmin, ...credentialOf(actor) }
      : { repoId: repo.id, userId: null, isAdmin: false, credentialKind: 'none', credentialId: null },
    storeId: repo.storeId,
    topic,
    owner: isUser ? `user ${actor.id}` : `address ${addressKey(address)}`,
    keys: topic === 'repo' ? repoKeys(repo) : isUser ? [uploadChanged(repo.id, actor.id)] : [],
    queue,
    told: new Set(),
  };
}

function repoKeys({ id, storeId }: Watching['repo']): readonly string[] {
  return [`ref:${storeId}`, likesChanged(id), downloadsCounted(id)];
}

/** A password cannot be looked at again while a stream is open. @throws {Forbidden} */
function credentialOf({ credential }: UserActor): Pick<Viewer, 'credentialKind' | 'credentialId'> {
  if (credential.kind === 'token') return { credentialKind: 'token', credentialId: credential.tokenId };
  if (credential.kind === 'session') return { credentialKind: 'session', credentialId: credential.sessionId };
  throw new Forbidden('Streams of events need an access token or the login of a browser.');
}

/** Viewers with the same key have the same standing. */
export function viewerKey({ repoId, userId, isAdmin, credentialKind, credentialId }: Viewer): string {
  return `${repoId} ${userId} ${isAdmin} ${credentialKind} ${credentialId}`;
}

/** Why a stream cannot go on, or null. Hidden is missing here too. */
export function refusalOf(standing: Standing | null): DomainError | null {
  if (!standing) return new RepoNotFound();
  if (!standing.isLoggedIn) return new InvalidCredentials();
  return allows(standing.role, standing.isPrivate, 'read') ? null : new RepoNotFound();
}

/** What is so when a stream begins. */
export interface Beginning {
  readonly standing: Standing;
  /** The newest movements of refs, by their ids in the reflog. */
  readonly recentIds: readonly number[];
  /** Those that the reader has to be told although they are over. */
  readonly missed: readonly RefMoved[];
}

/** What somebody hears who just came: the counters as they are, and what he missed. */
export function greet({ viewer, queue, told }: Watch, { standing, recentIds, missed }: Beginning): void {
  const known = new Set([...recentIds, ...missed.map(({ reflogId }) => reflogId)]);
  for (const reflogId of known) told.add(reflogId);
  const { repoId } = viewer;
  const { likesCount, downloads, downloadsAllTime } = standing;
  const reflogId = Math.max(0, ...recentIds);
  const started = { kind: 'started', repoId, reflogId, likesCount, downloads, downloadsAllTime } as const;
  queue.begin([started, ...missed], (event) => event.kind === 'ref' && known.has(event.reflogId));
}

/** Hands on what the watch has not heard yet. */
export function tell(watch: Watch, { kinds, moves }: News, standing: Standing): void {
  const { viewer, topic, queue } = watch;
  if (topic === 'uploads') return queue.push({ kind: 'upload' });
  const { repoId } = viewer;
  const { likesCount, downloads, downloadsAllTime } = standing;
  for (const move of moves) if (move.repoId === repoId && isNew(watch, move)) queue.push(move);
  if (kinds.has('likes')) queue.push({ kind: 'likes', repoId, likesCount });
  if (kinds.has('downloads')) queue.push({ kind: 'downloads', repoId, downloads, downloadsAllTime });
}

function isNew({ told }: Watch, { reflogId }: RefMoved): boolean {
  if (told.has(reflogId)) return false;
  told.add(reflogId);
  const [oldest] = told;
  if (told.size > MAX_TOLD && oldest !== undefined) told.delete(oldest);
  return true;
}
