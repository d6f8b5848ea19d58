import type { RepoPath } from '../../git/path.ts';
import type { Oid } from '../../git/oid.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { type Actor, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, RevisionNotFound } from '../errors.ts';
import type { RepoAccess, Revision } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import type { BlobService } from '../version/blob.service.ts';
import type { RevisionService } from '../version/revision.service.ts';
import type { TreeService } from '../version/tree.service.ts';
import type { TreeFile } from '../version/values.ts';
import { attributeOf } from './git-attributes.ts';
import { isIgnored } from './git-ignore.ts';
import { MatchBudget } from './match-budget.ts';
import { type GivenRuleFiles, readRuleFiles, type RuleFiles } from './rule-files.ts';
import { type LfsRules, type UploadMode, uploadModeOf } from './upload-mode.ts';

export interface PreuploadFile {
  readonly path: RepoPath;
  readonly sizeBytes: number;
  /** Of the new content, when the client already knows it. */
  readonly sha256: Sha256 | null;
}

export interface PreuploadRequest {
  readonly files: readonly PreuploadFile[];
  readonly rules: GivenRuleFiles;
  readonly createsPullRequest: boolean;
}

export interface PreuploadAnswer {
  readonly path: RepoPath;
  readonly uploadMode: UploadMode;
  /** The client shall leave the file out of its commit. */
  readonly shouldIgnore: boolean;
  /** What the path holds now: the SHA-256 of an LFS file, the Git blob id of a regular one, null when it is new. */
  readonly oid: Sha256 | Oid | null;
}

export interface PreuploadResult {
  readonly commitOid: Oid;
  /** One for each file, in their order. */
  readonly files: readonly PreuploadAnswer[];
}

/** huggingface_hub asks for 256 at once. */
const MAX_FILES = 1000;
/** Of files that nobody has hashed yet: no more work than a download. What lies beyond is not called unchanged. */
const MAX_HASHED_BYTES = 64 * 1024 * 1024;

/** Tells clients, before a commit, how to bring each file. */
export class PreuploadService extends Service {
  readonly #access: RepoAccessService;
  readonly #revisions: RevisionService;
  readonly #trees: TreeService;
  readonly #blobs: BlobService;

  constructor(
    deps: Deps,
    services: {
      access: RepoAccessService;
      revisions: RevisionService;
      trees: TreeService;
      blobs: BlobService;
    },
  ) {
    super(deps);
    this.#access = services.access;
    this.#revisions = services.revisions;
    this.#trees = services.trees;
    this.#blobs = services.blobs;
  }

  /**
   * @param revision a branch, or the ref of a pull request.
   * @throws {RevisionNotFound} for anything else, a commit id too. @throws {BadRequest}
   */
  async check(
    actor: Actor,
    repo: RepoRef,
    revision: string,
    request: PreuploadRequest,
  ): Promise<PreuploadResult> {
    const access = await this.permit(actor, repo, revision, request);
    if (request.files.length > MAX_FILES) throw new BadRequest(`files: at most ${MAX_FILES} at once.`);
    const { commitOid } = await this.branch(access, revision);
    const paths = request.files.map((file) => file.path);
    const source = { access, commitOid, trees: this.#trees, blobs: this.#blobs };
    const rules = await readRuleFiles(source, paths, request.rules);
    const current = await this.currentFiles(access, commitOid, paths);
    const unchanged = await this.unchangedFiles(access, request.files, current);
    const decide = createRules(rules, this.lfsRules(access));
    const files = request.files.map((file): PreuploadAnswer => {
      const now = current.get(file.path);
      const { uploadMode, isExcluded } = decide(file);
      const oid = now ? (now.lfs?.sha256 ?? now.oid) : null;
      return { path: file.path, uploadMode, shouldIgnore: isExcluded || unchanged.has(file), oid };
    });
    return { commitOid, files };
  }

  /** Whoever may read a repository may propose a change to it. */
  private async permit(
    actor: Actor,
    repo: RepoRef,
    revision: string,
    { createsPullRequest }: PreuploadRequest,
  ): Promise<RepoAccess> {
    if (!createsPullRequest && !revision.startsWith('refs/pr/'))
      return this.#access.require(actor, repo, 'write');
    requireWriter(actor);
    return this.#access.require(actor, repo, 'read');
  }

  private async branch(access: RepoAccess, revision: string): Promise<Revision> {
    const found = await this.#revisions.resolve(access, revision);
    if (!/^refs\/(?:heads|pr)\//.test(found.refName ?? '')) throw new RevisionNotFound(revision);
    return found;
  }

  private async currentFiles(
    access: RepoAccess,
    commitOid: Oid,
    paths: readonly RepoPath[],
  ): Promise<ReadonlyMap<string, TreeFile>> {
    const items = await this.#trees.paths(access, commitOid, paths, { withLastCommit: false });
    const files = items.filter((item): item is TreeFile => item.kind === 'file');
    return new Map(files.map((file) => [file.path, file]));
  }

  /** Files whose path already holds exactly the content whose SHA-256 the client sent. */
  private async unchangedFiles(
    access: RepoAccess,
    files: readonly PreuploadFile[],
    current: ReadonlyMap<string, TreeFile>,
  ): Promise<ReadonlySet<PreuploadFile>> {
    const pairs = files.flatMap((file) => {
      const now = current.get(file.path);
      return now && file.sha256 !== null && now.sizeBytes === file.sizeBytes ? [{ file, now }] : [];
    });
    const regular = pairs.filter(({ now }) => now.lfs === null).map(({ now }) => now);
    const hashes = await this.#blobs.hashes(access, regular, MAX_HASHED_BYTES);
    const same = pairs.filter(({ file, now }) => file.sha256 === (now.lfs?.sha256 ?? hashes.get(now.oid)));
    return new Set(same.map(({ file }) => file));
  }

  private lfsRules({ lfsThresholdBytes, lfsSuffixRules }: RepoAccess): LfsRules {
    const { thresholdBytes, suffixRules } = this.deps.config.lfs;
    return {
      thresholdBytes: lfsThresholdBytes ?? thresholdBytes,
      suffixes: [...suffixRules, ...(lfsSuffixRules ?? [])],
    };
  }
}

/** One budget for all files of a request. */
function createRules({ attributes, ignores }: RuleFiles, lfsRules: LfsRules) {
  const budget = new MatchBudget();
  return ({ path, sizeBytes }: PreuploadFile): { uploadMode: UploadMode; isExcluded: boolean } => {
    const filter = attributeOf('filter', path, { rulesOf: (folder) => attributes.get(folder), budget });
    return {
      uploadMode: uploadModeOf({ path, sizeBytes, isLfsByAttributes: filter === 'lfs' }, lfsRules),
      isExcluded: isIgnored(path, (folder) => ignores.get(folder), budget),
    };
  };
}
