import type { Actor } from '../actor.ts';
import { encodePkt } from '../../git/pkt-line.ts';
import type { EndMessage } from '../../git-runner/git-runner.ts';
import type { Deps } from '../deps.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { gitDownloadClient } from '../stats/download-client.ts';
import { MAIN_REF } from '../version/ref-names.ts';
import { advertiseCommands, advertiseRefs, listRefs, type ProtocolVersion } from './advertisement.ts';
import { readStoreSnapshot } from './git-refs.queries.ts';
import type { GitRepo } from './git-repo.queries.ts';
import { gitFailure, isDamage, isMistake } from './git-end.ts';
import { createGitView } from './git-view.ts';
import { type HeldOutput, holdOutput } from './held-output.ts';
import type { RefLines } from './ref-lines.ts';
import type { HeldObjects } from './segment-cache.ts';
import { parseUploadPackRequest } from './upload-pack-request.ts';

/** `POST git-upload-pack` of a Git client. */
export interface UploadPackCall {
  readonly version: ProtocolVersion;
  /** Bounded by `MAX_REQUEST_BYTES`. */
  readonly body: AsyncIterable<Buffer>;
  /** The body is so short that anybody may have it read. */
  readonly isShort: boolean;
  /** Makes a signal that is aborted when the client has gone. */
  readonly signal: () => AbortSignal;
  /** Where an anonymous client is. */
  readonly address?: string | undefined;
}

interface PackCall {
  readonly storeId: number;
  readonly version: ProtocolVersion;
  readonly input: Buffer;
  readonly signal: AbortSignal;
}

/** Reading by Git clients: clone, fetch, pull, ls-remote. Refs are told by the hub itself; packs are made by the git program. */
export class GitReadService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /**
   * The answer to `GET info/refs?service=git-upload-pack`.
   * @throws {RepoNotFound} @throws {GatedRepo} @throws {Forbidden} a disabled repository.
   * @throws {GitMissing} the hub has no git: a client would learn of it only later, and not be told why.
   */
  async advertise(actor: Actor, ref: RepoRef, version: ProtocolVersion): Promise<Buffer> {
    const { agent } = this.deps.git;
    if (version !== 2) return advertiseRefs(version, await this.refs(actor, ref), agent);
    await this.permit(actor, ref);
    await this.deps.git.runner.requireGit();
    return advertiseCommands(agent);
  }

  /** The content of the file `HEAD`. @throws as `advertise`. */
  async readHead(actor: Actor, ref: RepoRef): Promise<string> {
    await this.permit(actor, ref);
    return `ref: ${MAIN_REF}\n`;
  }

  /**
   * The answer to `POST git-upload-pack`. A stream frees what it holds when it ends, when reading stops, and by the signal.
   * @throws as `advertise`. @throws {BadRequest} what was sent is not Git's protocol. @throws {Unavailable} too many clients.
   */
  async uploadPack(
    actor: Actor,
    ref: RepoRef,
    call: UploadPackCall,
  ): Promise<Buffer | AsyncGenerator<Buffer>> {
    // What is asked for decides what is looked up, together with the right to ask; but only what is short is read for strangers.
    const permitted = call.isShort ? null : await this.permit(actor, ref);
    const { version } = call;
    const input = await collect(call.body);
    const request = parseUploadPackRequest(version, input);
    if (request.kind === 'ls-refs') return listRefs(await this.refs(actor, ref), request.asked);
    const repo = permitted ?? (await this.permit(actor, ref));
    await this.deps.git.runner.requireGit();
    if (request.kind === 'nothing') return Buffer.alloc(0);
    const answer = await this.pack({ storeId: repo.storeId, version, input, signal: call.signal() });
    const client = gitDownloadClient(actor, repo, call.address);
    this.deps.downloads.note({ repoId: repo.id, client, path: null });
    return answer;
  }

  /** The repository, when its files may be read. @throws as `advertise`. */
  permit(actor: Actor, ref: RepoRef): Promise<GitRepo> {
    return this.find(actor, ref, 'no refs');
  }

  /** The refs, when files may be read. @throws as `advertise`. */
  private async refs(actor: Actor, ref: RepoRef): Promise<RefLines> {
    const { refs, storeId } = await this.find(actor, ref, 'refs');
    await this.deps.git.runner.requireGit();
    return refs ?? this.deps.git.refs.load(storeId);
  }

  private find(actor: Actor, ref: RepoRef, wanted: 'refs' | 'no refs'): Promise<GitRepo> {
    const { repos } = this.deps.git;
    const wantsRefs = wanted === 'refs';
    return this.#access.requireFilesBy(actor, ref, (lookup) => repos.load({ ...lookup, wantsRefs }));
  }

  /** When git finds its files damaged before anything is sent, they are fetched again and so is the answer. */
  private async pack(call: PackCall): Promise<Buffer | AsyncGenerator<Buffer>> {
    const first = await this.attempt(call);
    const last = first === 'again' ? await this.attempt(call) : first;
    if (last === 'again') throw new Error('the files of a repository are damaged also when they are new');
    return last;
  }

  private async attempt(call: PackCall): Promise<Buffer | AsyncGenerator<Buffer> | 'again'> {
    const run = this.run(call);
    // Also of what nobody reads any more.
    const onAbort = (): void =>
      void run.return({ exitCode: null, stderr: '', reason: 'killed' }).catch(() => {});
    call.signal.addEventListener('abort', onAbort, { once: true });
    const output: HeldOutput = await holdOutput(run);
    if (!output.isWhole) return this.passOn(call, output.stream);
    const { bytes, end } = output;
    if (end.exitCode === 0) return bytes;
    if (isDamage(end)) return 'again';
    // Git's own error line, or at least the beginning of an answer that a client can judge.
    if (bytes.length > 0) return bytes;
    const failure = gitFailure(end);
    // Git does not show what comes with a status, but it shows an error line.
    if (isMistake(end)) return encodePkt(`ERR ${failure.message}\n`);
    throw failure;
  }

  private async *passOn(
    { storeId }: PackCall,
    stream: AsyncGenerator<Buffer, EndMessage>,
  ): AsyncGenerator<Buffer> {
    const end = yield* stream;
    if (end.exitCode === 0) return;
    this.deps.log.warn({ storeId, ...end }, 'git failed in the middle of an answer');
    throw gitFailure(end);
  }

  private async *run({ storeId, version, input, signal }: PackCall): AsyncGenerator<Buffer, EndMessage> {
    const { cache, runner } = this.deps.git;
    const snapshot = await readStoreSnapshot(this.deps.sql, storeId);
    using objects = await cache.hold(storeId, snapshot.segments);
    await using view = await createGitView(cache.viewsDirectory, snapshot, objects.directory);
    const args = ['upload-pack', '--stateless-rpc', '--strict', view.directory];
    const end = yield* runner.run({ args, env: { GIT_PROTOCOL: `version=${version}` }, input, signal });
    if (isDamage(end)) await this.dropDamaged(storeId, objects, end);
    return end;
  }

  private async dropDamaged(storeId: number, objects: HeldObjects, end: EndMessage): Promise<void> {
    const isDropped = await objects.drop();
    this.deps.log.warn({ storeId, isDropped, stderr: end.stderr }, 'git found damaged files in its cache');
    if (!isDropped) throw new Error(`git failed: ${end.stderr}`);
  }
}

async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
