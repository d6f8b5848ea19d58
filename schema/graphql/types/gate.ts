import { encodeGlobalID } from '@pothos/plugin-relay';
import { REQUEST_STATUSES, type RequestStatus } from '../../../src/domain/gate/access-request.entity.ts';
import type { Question } from '../../../src/domain/gate/gate-fields.ts';
import type { ListedRequest, OwnRequest } from '../../../src/domain/gate/gate.queries.ts';
import type { GateView, RequestTarget } from '../../../src/domain/gate/gate.service.ts';
import * as errors from '../../../src/domain/errors.ts';
import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf, type PageQuery } from '../connection.ts';
import { enumOf } from '../enum.ts';
import { repoFailsWith } from '../errors.ts';
import { parseAnswers } from '../json-input.ts';
import { batched, nestedList } from '../nested.ts';
import { parseIdOf } from '../node-id.ts';
import { parseRepoRef, RepoRefInput } from '../repo-ref.ts';
import { UserNode } from './account.ts';
import { RepoNode } from './repo.ts';

const RequestStatusEnum = enumOf('AccessRequestStatus', REQUEST_STATUSES);
const QuestionKindEnum = enumOf('GateQuestionKind', ['checkbox', 'text'] as const);

const QuestionObject = builder.objectRef<Question>('GateQuestion').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    kind: t.expose('kind', { type: QuestionKindEnum }),
    options: t.exposeStringList('options', { nullable: true, description: 'Null where any text will do' }),
  }),
});

const OwnRequestObject = builder.objectRef<OwnRequest>('OwnAccessRequest').implement({
  description: "The caller's request for access to a gated repository.",
  fields: (t) => ({
    status: t.expose('status', { type: RequestStatusEnum }),
    rejectionReason: t.exposeString('rejectionReason', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const GateObject = builder.objectRef<GateView>('Gate').implement({
  description: 'What the caller finds at the gate of a repository.',
  fields: (t) => ({
    isOpenToCaller: t.exposeBoolean('isOpenToCaller'),
    request: t.expose('request', {
      type: OwnRequestObject,
      nullable: true,
      description: 'Null for those who never asked',
    }),
    questions: t.expose('questions', { type: [QuestionObject] }),
  }),
});

const AccessRequestObject = builder.objectRef<ListedRequest>('AccessRequest').implement({
  description: 'A request for access, as the people of the repository see it.',
  fields: (t) => ({
    id: t.id({
      description: 'For `decideAccessRequest`',
      resolve: ({ id }) => encodeGlobalID('AccessRequest', id),
    }),
    user: t.loadable({
      type: UserNode,
      nullable: true,
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ userId }) => userId,
    }),
    status: t.expose('status', { type: RequestStatusEnum }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'Null of somebody who never asked: he did not agree to be named with it',
    }),
    answers: t.field({ type: 'JSON', nullable: true, resolve: ({ fields }) => fields }),
    rejectionReason: t.exposeString('rejectionReason', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const AccessRequestConnection = builder.connectionObject({
  type: AccessRequestObject,
  name: 'AccessRequestConnection',
});

const gateOf = batched<RepoAccess, GateView | null>((repos, { services, actor }) =>
  services.gates.viewsOf(actor, repos),
);

const requestsOf = nestedList<RepoAccess, PageQuery & { readonly status: RequestStatus }, ListedRequest>(
  (repos, query, { services, actor }) => services.gates.listOfEach(actor, repos, query),
);

builder.objectFields(RepoNode, (t) => ({
  gate: t.field({
    type: GateObject,
    nullable: true,
    description: 'Null of a repository without a gate',
    resolve: (repo, _args, context) => gateOf(repo, context),
  }),
  accessRequests: t.field({
    type: AccessRequestConnection,
    nullable: true,
    description: 'Newest first, for people who may write to the repository',
    args: {
      ...pageArgs,
      status: t.arg({ type: RequestStatusEnum, required: true, defaultValue: 'pending' }),
    },
    complexity: connectionComplexity,
    resolve: (repo, { status, ...args }, context) =>
      connectionOf(args, (page) => requestsOf(repo, { status, ...page }, context)),
  }),
}));

const RequestAccessInput = builder.inputType('RequestAccessInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    answers: t.field({
      type: 'JSON',
      description: 'By the names of the questions: a text, or true for a box',
    }),
  }),
});

const WithdrawAccessRequestInput = builder.inputType('WithdrawAccessRequestInput', {
  fields: (t) => ({ repo: t.field({ type: RepoRefInput, required: true }) }),
});

const DecideAccessRequestInput = builder.inputType('DecideAccessRequestInput', {
  description: 'The request is named by either its id or the user.',
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    id: t.id(),
    username: t.string(),
    status: t.field({ type: RequestStatusEnum, required: true }),
    rejectionReason: t.string({ description: 'Told to the user; only of a rejection' }),
  }),
});

const GrantAccessInput = builder.inputType('GrantAccessInput', {
  fields: (t) => ({
    repo: t.field({ type: RepoRefInput, required: true }),
    username: t.string({ required: true }),
  }),
});

/** All answer with the repository. */
builder.mutationFields((t) => ({
  requestAccess: t.field({
    type: RepoNode,
    ...repoFailsWith(),
    args: { input: t.arg({ type: RequestAccessInput, required: true }) },
    resolve: async (_root, { input: { repo, answers } }, { services, actor }) => {
      const ref = parseRepoRef(repo);
      await services.gates.ask(actor, ref, parseAnswers(answers ?? {}, 'answers'));
      return services.access.require(actor, ref, 'read');
    },
  }),
  withdrawAccessRequest: t.field({
    type: RepoNode,
    ...repoFailsWith(errors.NotFound),
    args: { input: t.arg({ type: WithdrawAccessRequestInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const ref = parseRepoRef(input.repo);
      await services.gates.withdraw(actor, ref);
      return services.access.require(actor, ref, 'read');
    },
  }),
  decideAccessRequest: t.field({
    type: RepoNode,
    ...repoFailsWith(errors.NotFound),
    args: { input: t.arg({ type: DecideAccessRequestInput, required: true }) },
    resolve: async (_root, { input: { repo, id, username, ...decision } }, { services, actor }) => {
      const ref = parseRepoRef(repo);
      await services.gates.decide(actor, ref, { request: targetOf(id, username), ...decision });
      return services.access.require(actor, ref, 'read');
    },
  }),
  grantAccess: t.field({
    type: RepoNode,
    description: 'Lets somebody in who need not have asked',
    ...repoFailsWith(errors.NotFound),
    args: { input: t.arg({ type: GrantAccessInput, required: true }) },
    resolve: async (_root, { input: { repo, username } }, { services, actor }) => {
      const ref = parseRepoRef(repo);
      await services.gates.grant(actor, ref, username);
      return services.access.require(actor, ref, 'read');
    },
  }),
}));

/** @throws {BadRequest} for both names of a request, or none. */
function targetOf(id: string | null | undefined, username: string | null | undefined): RequestTarget {
  if ((id == null) === (username == null))
    throw new errors.BadRequest('Name the request by either id or username.');
  return id == null ? { username: username! } : { requestId: parseIdOf('AccessRequest', id) };
}
