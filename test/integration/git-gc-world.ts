import { Collection } from '../../src/domain/gc/collect.ts';
import type { GcService, GcTimes } from '../../src/domain/gc/gc.service.ts';
import { findGarbage, type Garbage } from '../../src/domain/gc/mark.ts';
import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { swapRef } from '../../src/domain/version/ref.queries.ts';
import { holdStore } from '../../src/domain/version/store-hold.queries.ts';
import { type Oid, oidToBytes, parseOid } from '../../src/git/oid.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import { ContentWorld, HEADER, lfsLine, ndjson } from '../support/content.ts';
import { it as base } from '../support/it.ts';
import type { TestObject } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';

export const HOUR_MS = 3_600_000;
/** What was unreachable a moment ago may go at once. The collector counts in whole milliseconds: with 0, this one would be too young. */
export const NOW: GcTimes = { graceMs: -1, replacedGraceMs: 0 };
export const DAY: GcTimes = { graceMs: 24 * HOUR_MS, replacedGraceMs: 24 * HOUR_MS };

/** A repository of a test, with its store. */
export interface GcRepo {
  readonly owner: TestUser;
  readonly ref: RepoRef;
  readonly access: RepoAccess;
  readonly storeId: number;
}

/** Repositories whose branches come and go. */
export class GcWorld extends ContentWorld {
  get gc(): GcService {
    return this.hub.services().gc;
  }

  async gcRepo(owner?: TestUser): Promise<GcRepo> {
    const user = owner ?? (await this.user());
    const ref = await this.repo(user);
    const access = await this.hub.services().access.require(user.actor, ref, 'read');
    return { owner: user, ref, access, storeId: access.storeId };
  }

  /** Commits files to a branch; a null content deletes. */
  async change(
    { owner, ref }: GcRepo,
    branch: string,
    files: Readonly<Record<string, string | Buffer | null>>,
  ): Promise<Oid> {
    const operations = Object.entries(files).map(([path, content]) =>
      content === null
        ? { kind: 'deleteFile' as const, path: parseRepoPath(path) }
        : { kind: 'file' as const, path: parseRepoPath(path), bytes: Buffer.from(content) },
    );
    const { commitOid } = await this.hub.services().commits.commit(owner.actor, ref, branch, {
      title: 'Change files',
      description: '',
      parentCommit: null,
      createsPullRequest: false,
      operations,
    });
    return commitOid;
  }

  async branch({ owner, ref }: GcRepo, name: string, startingPoint: string | null = null): Promise<void> {
    await this.hub.services().refs.createBranch(owner.actor, ref, name, startingPoint);
  }

  async unbranch({ owner, ref }: GcRepo, name: string): Promise<void> {
    await this.hub.services().refs.deleteBranch(owner.actor, ref, name);
  }

  /** A branch with its own commit, deleted again: its commit, tree and blob are garbage. */
  async lostBranch(repo: GcRepo, files: Readonly<Record<string, string | Buffer | null>>): Promise<Oid> {
    const name = this.name('lost');
    await this.branch(repo, name);
    const oid = await this.change(repo, name, files);
    await this.unbranch(repo, name);
    return oid;
  }

  /** Moves a ref as a forced push does. */
  async force({ owner, storeId }: GcRepo, refName: string, newOid: Oid | null): Promise<void> {
    const userId = owner.actor.kind === 'user' ? owner.actor.id : null;
    await this.hub.deps.sql.transaction(async (tx) => {
      await holdStore(tx, storeId);
      const [row] = await tx.query<{ oid: string }>({
        text: `select encode(oid, 'hex') as oid from git_ref where store_id = $1 and name = $2`,
        values: [storeId, refName],
      });
      const oldOid = row ? parseOid(row.oid) : null;
      if (!(await swapRef(tx, { storeId, refName, oldOid, newOid, userId, via: 'git-http' })))
        throw new Error('the ref moved');
      if (refName === 'refs/heads/main' && newOid) {
        await tx.execute({
          text: 'update repo set head_oid = $2 from git_store s where s.id = $1 and repo.id = s.repo_id',
          values: [storeId, oidToBytes(newOid)],
        });
      }
    });
  }

  /** Commits an uploaded object to a branch. */
  async commitObject(
    { owner, ref }: GcRepo,
    branch: string,
    path: string,
    object: TestObject,
  ): Promise<void> {
    const answer = await this.sendCommit(owner, ref, ndjson([HEADER, lfsLine(path, object)]), {
      revision: encodeURIComponent(branch),
    });
    if (answer.statusCode !== 200) throw new Error(`commit: ${answer.statusCode} ${answer.body}`);
  }

  /** Lets everything of a store have happened some hours earlier. */
  async age({ storeId }: GcRepo, hours: number): Promise<void> {
    for (const text of [
      'update git_segment set created_at = created_at - make_interval(hours => $2) where store_id = $1',
      'update git_segment set replaced_at = replaced_at - make_interval(hours => $2) where store_id = $1',
      'update git_reflog set created_at = created_at - make_interval(hours => $2) where store_id = $1',
      'update write_session set started_at = started_at - make_interval(hours => $2) where store_id = $1',
    ])
      await this.hub.deps.sql.execute({ text, values: [storeId, hours] });
  }

  async mark({ storeId }: GcRepo, { graceMs }: GcTimes = NOW): Promise<Garbage> {
    await this.nextMillisecond();
    return findGarbage(this.hub.deps.sql, storeId, graceMs);
  }

  /** A collection that can be stopped between two of its steps. */
  async collection(repo: GcRepo, times: GcTimes = NOW): Promise<Collection> {
    return new Collection(this.hub.deps.sql, await this.mark(repo, times));
  }

  async collect({ storeId }: GcRepo, times: GcTimes = NOW) {
    await this.nextMillisecond();
    return this.gc.collect(storeId, times);
  }

  /** The grace time counts in whole milliseconds: what was done in the present one is not over yet. */
  private async nextMillisecond(): Promise<void> {
    await this.hub.deps.sql.query({ text: 'select pg_sleep(0.002)' });
  }

  /** Ids of all objects of the store. */
  async objects({ storeId }: GcRepo): Promise<ReadonlySet<string>> {
    const rows = await this.hub.deps.sql.query<{ oid: string }>({
      text: `select encode(oid, 'hex') as oid from git_object where store_id = $1`,
      values: [storeId],
    });
    return new Set(rows.map((row) => row.oid));
  }

  async has(repo: GcRepo, oid: Oid): Promise<boolean> {
    return (await this.objects(repo)).has(oid);
  }

  segments({ storeId }: GcRepo) {
    return this.hub.deps.sql.query<{ id: number; state: string; kind: string; storage_key: string | null }>({
      text: 'select id, state, kind, storage_key from git_segment where store_id = $1 order by id',
      values: [storeId],
    });
  }

  async usedBytes({ access }: GcRepo): Promise<number> {
    const [row] = await this.hub.deps.sql.query<{ used_bytes: number }>({
      text: 'select used_bytes from repo where id = $1',
      values: [access.id],
    });
    return row!.used_bytes;
  }

  /** What `hub fsck` says. */
  async problems(): Promise<string[]> {
    const found: string[] = [];
    await this.hub.services().fsck.runAsOperator(({ code, where, message }) => {
      found.push(`${code} ${where}: ${message}`);
    });
    return found;
  }

  /** Content of a file of a revision. */
  async file({ owner, ref }: GcRepo, revision: string, path: string): Promise<string> {
    const url = `/${ref.namespace}/${ref.name}/resolve/${encodeURIComponent(revision)}/${path}`;
    const answer = await this.read(owner, url);
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`);
    return answer.body;
  }
}

/** `world`: the whole application over a real hub, for each test file. */
export const it = base.extend('gcWorld', { scope: 'file' }, ({ hub, app }) => new GcWorld(hub, app));
