import { FLUSH_PKT } from '../../git/pkt-line.ts';
import type { Actor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { gitDownloadClient } from '../stats/download-client.ts';
import { listCommands, protocolVersion } from './advertisement.ts';
import { gitFailure, isDamage } from './git-end.ts';
import type { GitReadService } from './git-read.service.ts';
import { readStoreSnapshot } from './git-refs.queries.ts';
import type { GitRepo } from './git-repo.queries.ts';
import { createGitView } from './git-view.ts';
import { takeRequest } from './take-request.ts';

/** `git-upload-pack` of a client that keeps one connection for the whole conversation. */
export interface UploadPackSession {
  /** What the client asks for by `GIT_PROTOCOL`, such as `version=2`. */
  readonly protocol: string | undefined;
  /** What the client says. Nothing tells where it ends: clients keep the connection open. */
  readonly input: AsyncIterable<Buffer>;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** Reading by Git clients over a connection of their own, as SSH gives them one. */
export class GitSessionService extends Service {
  readonly #reads: GitReadService;

  constructor(deps: Deps, reads: GitReadService) {
    super(deps);
    this.#reads = reads;
  }

  /**
   * What the hub says in the conversation; it is over when this ends.
   * @throws as `GitReadService.advertise`, before anything is said. @throws {BadRequest} what was sent is not Git's protocol.
   */
  async *uploadPack(
    actor: Actor,
    ref: RepoRef,
    session: UploadPackSession,
  ): AsyncGenerator<Buffer, void, undefined> {
    const access = await this.#reads.permit(actor, ref);
    await this.deps.git.runner.requireGit();
    if (protocolVersion(session.protocol) === 2) yield* this.answerCommands(actor, ref, session);
    else yield* this.countedConversation(actor, access, session);
  }

  /** Version 2: each command stands for itself, as over HTTP, so that no git waits for the client to think. */
  private async *answerCommands(
    actor: Actor,
    ref: RepoRef,
    { input, signal }: UploadPackSession,
  ): AsyncGenerator<Buffer, void, undefined> {
    yield listCommands(this.deps.git.agent);
    const chunks = input[Symbol.asyncIterator]();
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const taken = await takeRequest(chunks, rest);
      // A flush alone is how clients say that they have what they want.
      if (!taken || taken.request.equals(FLUSH_PKT)) return;
      rest = taken.rest;
      const body = only(taken.request);
      const call = { version: 2 as const, body, isShort: true, signal: () => signal };
      const answer = await this.#reads.uploadPack(actor, ref, call);
      if (Buffer.isBuffer(answer)) yield answer;
      else yield* answer;
    }
  }

  private async *countedConversation(
    actor: Actor,
    access: GitRepo,
    session: UploadPackSession,
  ): AsyncGenerator<Buffer, void, undefined> {
    const said = { isRequest: false };
    yield* this.converse(access.storeId, { ...session, input: overhear(session.input, said) });
    const client = gitDownloadClient(actor, access, undefined);
    if (said.isRequest) this.deps.downloads.note({ repoId: access.id, client, path: null });
  }

  /** Versions 0 and 1: git itself holds the conversation, from the refs on. */
  private async *converse(
    storeId: number,
    { protocol, input, signal }: UploadPackSession,
  ): AsyncGenerator<Buffer, void, undefined> {
    const { cache, runner } = this.deps.git;
    // It mostly waits for its client.
    using place = await runner.hold(signal, 'intake');
    const snapshot = await readStoreSnapshot(this.deps.sql, storeId);
    using objects = await cache.hold(storeId, snapshot.segments);
    await using view = await createGitView(cache.viewsDirectory, snapshot, objects.directory);
    const env = { GIT_PROTOCOL: `version=${protocolVersion(protocol)}` };
    const args = ['upload-pack', '--strict', view.directory];
    const end = yield* place.run({ args, env, input, signal });
    if (end.exitCode === 0) return;
    this.deps.log.warn({ storeId, ...end }, 'git failed in a conversation');
    if (isDamage(end)) await objects.drop();
    throw gitFailure(end);
  }
}

async function* only(request: Buffer): AsyncGenerator<Buffer> {
  yield request;
}

/** Finds out whether a client of version 0 or 1 asks for a pack: if it wants none, it says a flush and no more. */
async function* overhear(input: AsyncIterable<Buffer>, said: { isRequest: boolean }): AsyncGenerator<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    if (start.length < FLUSH_PKT.length) {
      start = Buffer.concat([start, chunk.subarray(0, FLUSH_PKT.length)]).subarray(0, FLUSH_PKT.length);
      said.isRequest = start.length === FLUSH_PKT.length && !start.equals(FLUSH_PKT);
    }
    yield chunk;
  }
}
