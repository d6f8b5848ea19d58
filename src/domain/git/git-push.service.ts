import { setTimeout as delay } from 'node:timers/promises';
import { type Actor, requireWriter, type UserActor } from '../actor.ts';
import type { Config } from '../../config.ts';
import type { Deps } from '../deps.ts';
import { Forbidden } from '../errors.ts';
import type { LfsService } from '../lfs/lfs.service.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoIndexService } from '../repo/repo-index.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import type { ProtocolVersion } from './advertisement.ts';
import { advertisePush, type GitTransport } from './push-advertisement.ts';
import { MAX_COMMAND_BYTES, type PushRequest, readPushRequest } from './push-commands.ts';
import { hasOpenPullRequest } from './push-import.queries.ts';
import { encodeOutcome, KEEP_ALIVE_PKT } from './push-report.ts';
import { PushRun } from './push-run.ts';
import { parseRefLines } from './ref-lines.ts';

/** What a Git client sends to `receive-pack`, behind the advertisement. */
export interface ReceivePackCall {
  /** Commands, then the pack. It may stay open behind them. Bounded by `maxReceivePackBytes`, or by the pack's own limit. */
  readonly input: AsyncIterable<Buffer>;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  readonly via: GitTransport;
}

const KEEP_ALIVE_MS = 5000;

/** Pushes by Git clients. Git checks what they bring; the hub decides, and publishes it as it does commits by API. */
export class GitPushService extends Service {
  readonly #access: RepoAccessService;
  readonly #lfs: LfsService;
  readonly #index: RepoIndexService;

  constructor(
    deps: Deps,
    services: { access: RepoAccessService; lfs: LfsService; repoIndex: RepoIndexService },
  ) {
    super(deps);
    this.#access = services.access;
    this.#lfs = services.lfs;
    this.#index = services.repoIndex;
  }

  /**
   * What a client is told before it pushes.
   * @throws {Unauthenticated} @throws {RepoNotFound} @throws {Forbidden} no right to write, and no pull request to push to.
   * @throws {GitMissing}
   */
  async advertise(
    actor: Actor,
    ref: RepoRef,
    { version, via }: { readonly version: ProtocolVersion; readonly via: GitTransport },
  ): Promise<Buffer> {
    const { access } = await this.permit(actor, ref);
    const { agent, runner } = this.deps.git;
    await runner.requireGit();
    const refs = parseRefLines(await this.deps.git.refs.load(access.storeId));
    return advertisePush(refs, { version, via, agent });
  }

  /**
   * The answer to a push, which begins when all of it was read. What is wrong with the push itself is said in the answer.
   * @throws as `advertise`. @throws {BadRequest} what was sent is not Git's protocol.
   */
  async receivePack(actor: Actor, ref: RepoRef, call: ReceivePackCall): Promise<AsyncGenerator<Buffer>> {
    const permitted = await this.permit(actor, ref);
    await this.deps.git.runner.requireGit();
    const request = await readPushRequest(call.input);
    if (!request) return nothing();
    const { signal, via } = call;
    const parts = { lfs: this.#lfs, index: this.#index };
    const run = new PushRun(this.deps, parts, { ...permitted, request, signal, via });
    return answer(run, request);
  }

  /** Writers push; so do authors of open pull requests, to these. Each ref is judged by itself later. */
  private async permit(
    actor: Actor,
    ref: RepoRef,
  ): Promise<{ access: RepoAccess; user: UserActor; isWriter: boolean }> {
    const isUser = actor.kind === 'user';
    const access = isUser ? await this.#access.require(actor, ref, 'read') : null;
    if (
      !access ||
      allows(access.role, access.isPrivate, 'write') ||
      !(await this.hasProposal(actor, access))
    ) {
      const writable = await this.#access.require(actor, ref, 'write');
      refuseDisabled(writable);
      return { access: writable, user: requireWriter(actor), isWriter: true };
    }
    const user = requireWriter(actor);
    refuseDisabled(await this.#access.requireFiles(actor, ref));
    return { access, user, isWriter: false };
  }

  private async hasProposal(actor: Actor, { id }: RepoAccess): Promise<boolean> {
    return actor.kind === 'user' && (await hasOpenPullRequest(this.deps.sql, id, actor.id));
  }
}

/** Bytes that `receive-pack` may be sent: commands, and the largest pack. */
export function maxReceivePackBytes({ git }: Config): number {
  return MAX_COMMAND_BYTES + git.maxPushBytes;
}

function refuseDisabled(access: RepoAccess): void {
  if (access.isDisabled) throw new Forbidden('Access to this resource is disabled.');
}

async function* nothing(): AsyncGenerator<Buffer> {
  yield* [];
}

async function* answer(run: PushRun, request: PushRequest): AsyncGenerator<Buffer> {
  const outcome = run.execute();
  // It is awaited below, unless the reader goes away first.
  outcome.catch(() => {});
  while (request.hasSideband) {
    const timer = new AbortController();
    const isLate = delay(KEEP_ALIVE_MS, true, { signal: timer.signal, ref: false }).catch(() => false);
    const wasLate = await Promise.race([
      isLate,
      outcome.then(
        () => false,
        () => false,
      ),
    ]);
    timer.abort();
    if (!wasLate) break;
    // Not before everything was read: some clients read nothing until they have sent everything.
    if (run.isTakenIn) yield KEEP_ALIVE_PKT;
  }
  yield encodeOutcome(request, await outcome);
}
