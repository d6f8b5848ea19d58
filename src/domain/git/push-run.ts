import type { Oid } from '../../git/oid.ts';
import type { GitPlace } from '../../git-runner/git-runner.ts';
import { RowFile, rowSource } from '../../lib/row-file.ts';
import type { UserActor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { DomainError, LfsObjectMissing, PayloadTooLarge, Unavailable } from '../errors.ts';
import type { LfsService } from '../lfs/lfs.service.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoIndexService } from '../repo/repo-index.service.ts';
import { findMissingObjects } from '../version/store-hold.queries.ts';
import { treeSource } from '../version/tree-source.ts';
import { openWriteSession } from '../version/write-sessions.ts';
import { readStoreSnapshot, type StoreSnapshot } from './git-refs.queries.ts';
import { createGitView } from './git-view.ts';
import type { GitTransport } from './push-advertisement.ts';
import type { PushRequest } from './push-commands.ts';
import { checkPointers, missingPointers } from './push-pointers.ts';
import {
  findOpenPullRequests,
  type PushedRows,
  readGenerations,
  readKnownCommit,
  readVerifiedEmail,
  reserveSegmentId,
} from './push-import.queries.ts';
import {
  findLargeFilesOf,
  type Imported,
  importPushed,
  type PushInput,
  walkPushed,
  warming,
} from './push-importer.ts';
import { largeFiles, type Listed, type ListingLimits, type PushListing } from './push-listing.ts';
import { type Judgement, type PushedObjects, publishPush, wantedOf } from './push-publication.ts';
import { NotConnected, packTooLarge, PushQuarantine, TooMuchMemory } from './push-quarantine.ts';
import { framed, type PushOutcome, PushRefused } from './push-report.ts';
import { pullRequestNumber, refusalOf } from './push-rules.ts';
import { storePack } from './push-segment.ts';
import { tipProblems } from './push-tips.ts';
import type { KnownHistory, Walked } from './push-walk.ts';

/** Who pushes what, and how. */
export interface PushCall {
  readonly access: RepoAccess;
  readonly user: UserActor;
  /** Or else the author of an open pull request. */
  readonly isWriter: boolean;
  readonly request: PushRequest;
  readonly signal: AbortSignal;
  readonly via: GitTransport;
}

interface PushParts {
  readonly lfs: LfsService;
  readonly index: RepoIndexService;
}

interface Examination {
  readonly quarantine: PushQuarantine;
  readonly place: GitPlace;
  readonly listing: Listed;
  /** Null when git did it. */
  readonly walked: Walked | null;
  readonly input: PushInput;
  readonly stack: AsyncDisposableStack;
}

/** huggingface.co's limit. Where the hub's own threshold for LFS is higher, that counts. */
const MIN_FILE_LIMIT_BYTES = 10 * 2 ** 20;

/** One push, from its commands to its outcome. */
export class PushRun {
  readonly #deps: Deps;
  readonly #parts: PushParts;
  readonly #call: PushCall;
  #isTakenIn = false;

  constructor(deps: Deps, parts: PushParts, call: PushCall) {
    this.#deps = deps;
    this.#parts = parts;
    this.#call = call;
  }

  /** Whether everything that the client sends was read. */
  get isTakenIn(): boolean {
    return this.#isTakenIn;
  }

  /** @throws the reason of the signal, and nothing else. */
  async execute(): Promise<PushOutcome> {
    try {
      return await this.perform();
    } catch (error) {
      this.#call.signal.throwIfAborted();
      return this.outcomeOf(error instanceof NotConnected ? await this.incomplete(error) : error);
    }
  }

  private async perform(): Promise<PushOutcome> {
    const { access, request } = this.#call;
    const judged = await this.judge();
    if (request.commands.every(({ newOid }) => newOid === null)) return this.publish(judged, null);
    // What refs reach now stays here until the end, whatever becomes of the refs.
    await using _session = await openWriteSession(this.#deps.sql, access.storeId);
    const snapshot = await readStoreSnapshot(this.#deps.sql, access.storeId);
    const { cache } = this.#deps.git;
    using objects = await cache.hold(access.storeId, snapshot.segments);
    await using view = await createGitView(cache.viewsDirectory, snapshot, objects.directory);
    const quarantine = await this.takeIn(view.directory);
    const wanted = wantedOf(request, judged);
    const tips = [...new Set(wanted.flatMap(({ newOid }) => newOid ?? []))];
    if (tips.length === 0) return this.publish(judged, null);
    await using stack = new AsyncDisposableStack();
    const place = stack.use(await this.#deps.git.runner.hold(this.#call.signal));
    const input = await this.input(quarantine);
    const walked = await this.walk(input, snapshot, tips);
    const listing = walked ?? (await this.list(quarantine, place, tips));
    const isNew = listing.objectCount > 0;
    const pushed = isNew ? await this.examine({ quarantine, place, listing, walked, input, stack }) : null;
    return await this.publish(await this.judgeTips(judged, listing, pushed), pushed);
  }

  private async judge(): Promise<Judgement> {
    const { access, user, isWriter, request } = this.#call;
    const numbers = request.commands.flatMap(({ refName }) => pullRequestNumber(refName) ?? []);
    const open = await findOpenPullRequests(this.#deps.sql, access.id, numbers);
    const rights = { isWriter, userId: user.id, openPullRequests: open };
    return new Map(request.commands.map((command) => [command.refName, refusalOf(command, rights)]));
  }

  private async takeIn(directory: string): Promise<PushQuarantine> {
    const { signal, request } = this.#call;
    const { runner, imports } = this.#deps.git;
    const maxPackBytes = this.#deps.config.git.maxPushBytes;
    const quarantine = new PushQuarantine({ directory, signal, maxPackBytes });
    using place = await runner.hold(signal, 'intake');
    try {
      await quarantine.takePack(place, warming(imports, request.pack));
    } catch (error) {
      if (!(error instanceof TooMuchMemory)) throw error;
      await this.takeInAgain(error, quarantine);
    }
    this.#isTakenIn = true;
    return quarantine;
  }

  /**
   * Mostly it is a file that must not be here anyway. Git cannot name it, because it resolves all deltas before it is asked for sizes.
   * Where larger files may be here, git gets as much memory as for anything else, in a place of which there are few.
   * @throws {PushRefused}
   */
  private async takeInAgain(error: TooMuchMemory, quarantine: PushQuarantine): Promise<void> {
    const packPath = await quarantine.unfinishedPack();
    if (packPath === null) throw error;
    const { fileBytes } = this.limits;
    const { imports, runner } = this.#deps.git;
    const { names, isWhole } = await findLargeFilesOf(imports, { packPath, fileBytes });
    if (names.length > 0) throw largeFiles(names, this.limits);
    if (!isWhole || fileBytes <= MIN_FILE_LIMIT_BYTES) throw error;
    using place = await runner.hold(this.#call.signal);
    await quarantine.retakePack(place, packPath);
  }

  private async list(
    quarantine: PushQuarantine,
    place: GitPlace,
    tips: readonly Oid[],
  ): Promise<PushListing> {
    const listing = await quarantine.list(place, tips, this.limits);
    listing.finish();
    return listing;
  }

  private get limits(): ListingLimits {
    const { commands } = this.#call.request;
    const refName = commands.length === 1 ? commands[0]!.refName : null;
    return { fileBytes: this.maxFileBytes, totalBytes: this.#deps.config.git.maxPushBytes, refName };
  }

  /** The same for most pushes, without starting git. */
  private async walk(
    input: PushInput,
    { refs }: StoreSnapshot,
    tips: readonly Oid[],
  ): Promise<Walked | null> {
    const { sql, versionCaches } = this.#deps;
    const { storeId } = this.#call.access;
    const known: KnownHistory = {
      commit: async (oid) =>
        refs.some((ref) => ref.oid === oid) ? readKnownCommit(sql, storeId, oid) : null,
      tree: treeSource(sql, versionCaches, storeId),
    };
    return walkPushed(this.#deps.git.imports, { ...input, tips, known });
  }

  private async input(quarantine: PushQuarantine): Promise<PushInput> {
    const { access, user, signal } = this.#call;
    const { storeId } = access;
    const userEmails = await this.emails();
    return { quarantine, storeId, userId: user.id, userEmails, limits: this.limits, signal };
  }

  private get maxFileBytes(): number {
    const threshold = this.#call.access.lfsThresholdBytes ?? this.#deps.config.lfs.thresholdBytes;
    return Math.max(MIN_FILE_LIMIT_BYTES, threshold);
  }

  /** What the client left out, or what the cache of this process lost. */
  private async incomplete({ missing, message }: NotConnected): Promise<Error> {
    const { access, request } = this.#call;
    const isStored =
      missing !== null && (await findMissingObjects(this.#deps.sql, access.storeId, [missing])).length === 0;
    if (isStored) return new Error(`the cache lacks ${missing}: ${message}`);
    if (request.isShallow) return new PushRefused([], { refusal: 'shallow update not allowed' });
    return new PushRefused([], { refusal: 'missing necessary objects' });
  }

  private async examine(examination: Examination): Promise<PushedObjects> {
    const { storeId } = this.#call.access;
    const id = await reserveSegmentId(this.#deps.sql);
    const [imported, { changes, files }] = await this.read(examination, id);
    const { pointers, tags, objectRows, commitRows, blobBytes } = imported;
    await checkPointers(this.#parts.lfs, this.#call, pointers);
    const segment = await storePack(this.#deps, storeId, {
      ...imported,
      id,
      objectCount: examination.listing.objectCount,
    });
    const [objects, commits] = [rowSource(...objectRows), rowSource(...commitRows)];
    return { segment, rows: { objects, commits, changes, files, blobBytes }, pointers, tags };
  }

  private async read(
    examination: Examination,
    segmentId: number,
  ): Promise<[Imported, Pick<PushedRows, 'changes' | 'files'>]> {
    const { quarantine, place, listing, walked, stack } = examination;
    if (walked) {
      const rows = { changes: rowSource(walked.changes), files: rowSource(walked.files) };
      return [await this.importObjects(examination, segmentId, walked.generations), rows];
    }
    const { storeId } = this.#call.access;
    const generations = await this.generations(listing);
    const changes = stack.use(new RowFile(quarantine.path('changes.rows')));
    const files = stack.use(new RowFile(quarantine.path('files.rows')));
    const [imported] = await bothOf(
      this.importObjects(examination, segmentId, generations),
      quarantine.readChanges(place, listing.parents.keys(), { storeId, generations, changes, files }),
    );
    return [imported, { changes, files }];
  }

  private async importObjects(
    { input, place, listing, walked }: Examination,
    segmentId: number,
    generations: ReadonlyMap<Oid, number>,
  ): Promise<Imported> {
    return importPushed(this.#deps.git.imports, { ...input, place, listing, segmentId, generations, walked });
  }

  private async generations({ parents }: Listed): Promise<ReadonlyMap<Oid, number>> {
    const outside = new Set([...parents.values()].flat().filter((oid) => !parents.has(oid)));
    const generations = new Map(
      await readGenerations(this.#deps.sql, this.#call.access.storeId, [...outside]),
    );
    for (const [oid, parentOids] of parents) {
      const above = parentOids.map((parent) => {
        const generation = generations.get(parent);
        if (generation === undefined) throw new Error(`the parent ${parent} of ${oid} is not a commit here`);
        return generation;
      });
      generations.set(oid, Math.max(0, ...above) + 1);
    }
    return generations;
  }

  /** Whoever pushes may bring commits of anybody. They are taken for his own by his verified address, or by that of the hub. */
  private async emails(): Promise<readonly string[]> {
    const { id, name } = this.#call.user;
    const host = new URL(this.#deps.config.baseUrl).hostname;
    const verified = await readVerifiedEmail(this.#deps.sql, id);
    return [`${name}@users.noreply.${host}`.toLowerCase(), ...(verified === null ? [] : [verified])];
  }

  private async judgeTips(
    judged: Judgement,
    listing: Listed,
    pushed: PushedObjects | null,
  ): Promise<Judgement> {
    const { access, request } = this.#call;
    const source = {
      sql: this.#deps.sql,
      storeId: access.storeId,
      newCommits: listing.parents,
      newTags: pushed?.tags ?? new Map(),
    };
    const named = wantedOf(request, judged).flatMap(({ refName, newOid }) =>
      newOid === null ? [] : [{ refName, newOid }],
    );
    return new Map([...judged, ...(await tipProblems(source, named))]);
  }

  private async publish(judged: Judgement, pushed: PushedObjects | null): Promise<PushOutcome> {
    this.#isTakenIn = true;
    this.#call.signal.throwIfAborted();
    const { access } = this.#call;
    const published = await publishPush(this.#deps, this.#call, { judged, pushed });
    if (published.needsIndexing) await this.#parts.index.index(access.id);
    const refs = [...published.judged].map(([refName, refusal]) => ({ refName, refusal }));
    return { messages: [], packRefusal: null, refs };
  }

  private outcomeOf(error: unknown): PushOutcome {
    const { access, request } = this.#call;
    const refused = this.refusalBy(error);
    if (!(error instanceof PushRefused) && !(error instanceof DomainError)) {
      this.#deps.log.error({ err: error, repoId: access.id }, 'a push failed');
    }
    return {
      messages: refused.messages,
      packRefusal: refused.packRefusal,
      refs: request.commands.map(({ refName }) => ({ refName, refusal: refused.refusal })),
    };
  }

  private refusalBy(error: unknown): PushRefused {
    if (error instanceof PushRefused) return error;
    if (error instanceof PayloadTooLarge) return packTooLarge(this.#deps.config.git.maxPushBytes);
    if (error instanceof LfsObjectMissing) return missingPointers([]);
    if (error instanceof Unavailable) return new PushRefused([error.message], { refusal: 'try again' });
    if (error instanceof DomainError) return new PushRefused(framed([error.message]));
    return new PushRefused(['The hub could not take this push. Its log says why.'], {
      refusal: 'internal server error',
    });
  }
}

/** Both, or the failure of the first: but not before both have ended, because they use the same files. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
