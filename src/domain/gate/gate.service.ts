import { type Actor, requireUser, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, type DomainError, Forbidden, NotFound } from '../errors.ts';
import { idPages, type IdPageQuery } from '../id-page.ts';
import { findNamespace } from '../repo/namespace.queries.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows, mayReadFiles } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import type { RequestStatus } from './access-request.entity.ts';
import { checkAnswers, type GateAnswers, type Question, questionsOf } from './gate-fields.ts';
import {
  decideRequest,
  findRequester,
  grantAccess,
  type ListedRequest,
  listRequests,
  noteRequest,
  type OwnRequest,
  readRequest,
  readRequests,
  withdrawRequest,
} from './gate.queries.ts';

const MAX_PAGE = 1000;
const MAX_REASON_CHARS = 2000;
const NO_REQUESTS: Page<ListedRequest> = { items: [], nextCursor: null };

/** What a caller finds at the gate of a repository. */
export interface GateView {
  readonly isOpenToCaller: boolean;
  /** Null when he never asked, and for the anonymous. */
  readonly request: OwnRequest | null;
  readonly questions: readonly Question[];
}

/** Somebody's request: by the name of the user, or by the id that lists have. */
export type RequestTarget = { readonly username: string } | { readonly requestId: number };

/** A decision about a request. */
export interface RequestDecision {
  readonly request: RequestTarget;
  readonly status: RequestStatus;
  /** Told to the user; only with `rejected`. */
  readonly rejectionReason?: string | null | undefined;
}

/**
 * Gates of repositories: everybody sees a gated repository and what it is about, and who was accepted reads its files. An
 * automatic gate accepts whoever asks and answers its questions; at a manual one, people who may write to the repository decide.
 */
export class GateService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /** @throws {RepoNotFound} @throws {BadRequest} the repository has no gate. */
  async view(actor: Actor, ref: RepoRef): Promise<GateView> {
    const access = await this.#access.require(actor, ref, 'read');
    requireGate(access);
    const pair = actor.kind === 'user' && { repoId: access.id, userId: actor.id };
    return {
      isOpenToCaller: mayReadFiles(access.role, access.gated),
      request: pair ? await readRequest(this.deps.sql, pair) : null,
      questions: questionsOf(access.card),
    };
  }

  /**
   * The same of many that the caller may see, in their order; null for those without a gate. One statement.
   * @param repos come from a service that checked the caller's rights.
   */
  async viewsOf(actor: Actor, repos: readonly RepoAccess[]): Promise<readonly (GateView | null)[]> {
    const repoIds = repos.filter(({ gated }) => gated !== null).map(({ id }) => id);
    const isAsker = actor.kind === 'user' && repoIds.length > 0;
    const requests = isAsker ? await readRequests(this.deps.sql, { repoIds, userId: actor.id }) : [];
    const byRepo = new Map(requests.map((request) => [request.repoId, request]));
    return repos.map(({ id, gated, role, card }) => {
      if (gated === null) return null;
      const request = byRepo.get(id) ?? null;
      // Lists do not tell of a role that a gate gave.
      const isOpenToCaller = mayReadFiles(role, gated) || request?.status === 'accepted';
      return { isOpenToCaller, request, questions: questionsOf(card) };
    });
  }

  /**
   * Asks for access; asking again changes nothing that was decided. @returns what the request is now.
   * @throws {Unauthenticated} @throws {RepoNotFound} @throws {Forbidden} a token that only reads.
   * @throws {BadRequest} there is no gate, or an answer is missing.
   */
  async ask(actor: Actor, ref: RepoRef, answers: GateAnswers): Promise<OwnRequest> {
    requireUser(actor);
    const access = await this.#access.require(actor, ref, 'read');
    const user = requireWriter(actor);
    requireGate(access);
    const fields = checkAnswers(access.card, answers);
    const status = access.gated === 'auto' ? 'accepted' : 'pending';
    return noteRequest(this.deps.sql, { repoId: access.id, userId: user.id }, { status, fields });
  }

  /** Takes back the caller's request. @throws {NotFound} nobody has to decide on one. Also as `ask`. */
  async withdraw(actor: Actor, ref: RepoRef): Promise<void> {
    requireUser(actor);
    const access = await this.#access.require(actor, ref, 'read');
    const user = requireWriter(actor);
    if (!(await withdrawRequest(this.deps.sql, { repoId: access.id, userId: user.id }))) {
      throw new NotFound('You have no request here that waits for a decision.');
    }
  }

  /**
   * A list of requests, newest first: huggingface_hub `list_pending_access_requests` and its like.
   * @throws {Forbidden} the caller may not write to the repository. @throws {RepoNotFound} @throws {BadRequest} there is no gate.
   */
  async list(
    actor: Actor,
    ref: RepoRef,
    { status, ...page }: IdPageQuery & { readonly status: RequestStatus },
  ): Promise<Page<ListedRequest>> {
    const access = await this.permit(actor, ref);
    const [requests] = await this.pages([access.id], { status, ...page });
    return requests!;
  }

  /**
   * The same of many that the caller may see, in their order. One statement. A refusal is in the place of its page, and a repository
   * without a gate has no requests.
   * @param repos come from a service that checked the caller's rights.
   */
  async listOfEach(
    actor: Actor,
    repos: readonly RepoAccess[],
    query: IdPageQuery & { readonly status: RequestStatus },
  ): Promise<readonly (Page<ListedRequest> | DomainError)[]> {
    requireWriter(actor);
    const refusals = repos.map(refusalToList);
    const asked = repos.filter(({ gated }, index) => refusals[index] === null && gated !== null);
    const repoIds = asked.map(({ id }) => id);
    const pages = await this.pages(repoIds, query);
    const byRepo = new Map(repoIds.map((id, index) => [id, pages[index]!]));
    return repos.map(({ id }, index) => refusals[index] ?? byRepo.get(id) ?? NO_REQUESTS);
  }

  /**
   * Accepts or rejects a request, or makes it pending again.
   * @throws {NotFound} there is no such user or request, or it is in that list already. Also as `list`.
   */
  async decide(actor: Actor, ref: RepoRef, decision: RequestDecision): Promise<void> {
    const access = await this.permit(actor, ref);
    const { status } = decision;
    const rejectionReason = checkReason(decision);
    const { userId, username } = await this.requester(access, decision.request);
    const pair = { repoId: access.id, userId };
    const byUserId = requireWriter(actor).id;
    if (await decideRequest(this.deps.sql, pair, { status, rejectionReason, byUserId })) return;
    const request = await readRequest(this.deps.sql, pair);
    throw new NotFound(
      request
        ? `The request of ${username} is ${request.status} already.`
        : `${username} has not asked for access to ${access.fullName}.`,
    );
  }

  /** Lets somebody in who need not have asked. @throws {BadRequest} he is in already. @throws {NotFound} Also as `list`. */
  async grant(actor: Actor, ref: RepoRef, username: string): Promise<void> {
    const access = await this.permit(actor, ref);
    const userId = await this.userId(username);
    if (!(await grantAccess(this.deps.sql, { repoId: access.id, userId }, requireWriter(actor).id))) {
      throw new BadRequest(`${username} has access to ${access.fullName} already.`);
    }
  }

  private pages(
    repoIds: readonly number[],
    { status, ...page }: IdPageQuery & { readonly status: RequestStatus },
  ): Promise<readonly Page<ListedRequest>[]> {
    const query = { ...page, maxLimit: MAX_PAGE, idOf: ({ id }: ListedRequest) => id };
    return idPages(repoIds, query, (ids) => listRequests(this.deps.sql, { repoIds, status }, ids));
  }

  private async permit(actor: Actor, ref: RepoRef): Promise<RepoAccess> {
    const access = await this.#access.require(actor, ref, 'write');
    requireGate(access);
    return access;
  }

  private async requester(
    { id: repoId, fullName }: RepoAccess,
    target: RequestTarget,
  ): Promise<{ readonly userId: number; readonly username: string }> {
    if ('username' in target)
      return { userId: await this.userId(target.username), username: target.username };
    const requester = await findRequester(this.deps.sql, { repoId, requestId: target.requestId });
    if (!requester) throw new NotFound(`${fullName} has no such request.`);
    return requester;
  }

  private async userId(username: string): Promise<number> {
    const account = await findNamespace(this.deps.sql, username, null);
    if (account?.kind !== 'user') throw new NotFound(`There is no user "${username.slice(0, 100)}".`);
    return account.id;
  }
}

/** @throws {BadRequest} */
function requireGate({ gated, fullName }: RepoAccess): void {
  if (gated === null) throw new BadRequest(`${fullName} is not gated: its files need no request.`);
}

/** Why somebody who sees the repository may not see its requests, or null. */
function refusalToList(repo: RepoAccess): DomainError | null {
  if (!allows(repo.role, repo.isPrivate, 'write'))
    return new Forbidden(`You have no write access on ${repo.fullName}.`);
  return repo.isDisabled ? new Forbidden('Access to this resource is disabled.') : null;
}

/** @throws {BadRequest} */
function checkReason({ status, rejectionReason }: RequestDecision): string | null {
  const reason = rejectionReason?.trim() ?? '';
  if (reason === '') return null;
  if (status !== 'rejected') throw new BadRequest('rejectionReason: only a rejection has one.');
  if (reason.length > MAX_REASON_CHARS || reason.includes('\0')) {
    throw new BadRequest(`rejectionReason must be a text of at most ${MAX_REASON_CHARS} characters.`);
  }
  return reason;
}
