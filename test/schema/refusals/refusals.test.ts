import type { FastifyInstance } from 'fastify';
import { describe, expect } from 'vitest';
import { schema } from '../../../schema/graphql/schema.ts';
import { appRouter } from '../../../schema/trpc/router.ts';
import { graphql, type GraphqlResult } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { trpcMutation } from '../../support/trpc.ts';
import type { TestUser, World } from '../../support/world.ts';
import { accountRefusals } from './account.refusals.ts';
import { adminRefusals } from './admin.refusals.ts';
import { authRefusals } from './auth.refusals.ts';
import { contentRefusals } from './content.refusals.ts';
import { externalTokenRefusals } from './external-token.refusals.ts';
import { gateRefusals } from './gate.refusals.ts';
import { invitationRefusals } from './invitation.refusals.ts';
import { likeRefusals } from './like.refusals.ts';
import { orgRefusals } from './org.refusals.ts';
import { quotaRefusals } from './quota.refusals.ts';
import { repoRefusals } from './repo.refusals.ts';
import { sessionRefusals } from './session.refusals.ts';
import { sshKeyRefusals } from './ssh-key.refusals.ts';
import { tokenRefusals } from './token.refusals.ts';
import type { RefusalRows, Target } from './rows.ts';
import { uploadRefusals } from './upload.refusals.ts';

/** One file for each noun. */
const NOUNS: readonly RefusalRows[] = [
  adminRefusals,
  contentRefusals,
  externalTokenRefusals,
  gateRefusals,
  likeRefusals,
  orgRefusals,
  quotaRefusals,
  repoRefusals,
  uploadRefusals,
  accountRefusals,
  authRefusals,
  invitationRefusals,
  sessionRefusals,
  sshKeyRefusals,
  tokenRefusals,
];

const ROWS = {
  graphql: Object.assign({}, ...NOUNS.map(({ graphql }) => graphql)) as RefusalRows['graphql'],
  trpc: Object.assign({}, ...NOUNS.map(({ trpc }) => trpc)) as RefusalRows['trpc'],
};

const mutations = schema.getMutationType()!.getFields();
const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;

describe('every mutation', () => {
  it('of GraphQL is in the table', () => {
    expect(Object.keys(ROWS.graphql).toSorted()).toEqual(Object.keys(mutations).toSorted());
  });

  it('of tRPC is in the table', () => {
    const paths = Object.keys(procedures).filter((path) => procedures[path]!._def.type === 'mutation');
    expect(Object.keys(ROWS.trpc).toSorted()).toEqual(paths.toSorted());
  });
});

describe('GraphQL', () => {
  it.for(Object.entries(ROWS.graphql))('%s needs a login', async ([name, row], { app, world }) => {
    const { anonymous = 'Unauthenticated' } = row;
    expect(await mutate(app, null, name, row.input(await target(world)))).toBe(anonymous);
  });

  it.for(Object.entries(ROWS.graphql))('%s is refused to a stranger', async ([name, row], { app, world }) => {
    expect(await mutate(app, await world.user(), name, row.input(await target(world)))).toBe(row.stranger);
  });

  it.for(Object.entries(ROWS.graphql))(
    '%s is refused to a token that only reads',
    async ([name, row], { app, world }) => {
      const { readToken = 'Forbidden' } = row;
      const aim = await target(world);
      expect(await mutate(app, await world.readToken(aim.owner), name, row.input(aim))).toBe(readToken);
    },
  );
});

describe('tRPC', () => {
  it.for(Object.entries(ROWS.trpc))('%s needs a login', async ([path, row], { app, world }) => {
    const { anonymous = 'Unauthenticated' } = row;
    const answer = await trpcMutation({ app, user: null, path, input: row.input(await target(world)) });
    expect(answer.error?.domainCode ?? null).toBe(anonymous);
  });

  it.for(Object.entries(ROWS.trpc))('%s is refused to a stranger', async ([path, row], { app, world }) => {
    const user = await world.user();
    const answer = await trpcMutation({ app, user, path, input: row.input(await target(world)) });
    expect(answer.error?.domainCode ?? null).toBe(row.stranger);
  });

  it.for(Object.entries(ROWS.trpc))(
    '%s is refused to a token that only reads',
    async ([path, row], { app, world }) => {
      const { readToken = 'Forbidden' } = row;
      const aim = await target(world);
      const user = await world.readToken(aim.owner);
      const answer = await trpcMutation({ app, user, path, input: row.input(aim) });
      expect(answer.error?.domainCode ?? null).toBe(readToken);
    },
  );
});

async function target(world: World): Promise<Target> {
  const owner = await world.user();
  return { owner, repo: await world.repo(owner), org: await world.org(owner) };
}

/** The code that a mutation refuses with, in its result union or beside it; null when it does not. */
async function mutate(
  app: FastifyInstance,
  user: TestUser | null,
  name: string,
  input: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const [argument] = mutations[name]!.args;
  const [variables, given] = argument ? [`($input: ${String(argument.type)})`, '(input: $input)'] : ['', ''];
  const document = `mutation ${variables} { ${name}${given} { __typename ... on DomainError { code } } }`;
  const result: GraphqlResult = await graphql(app, user, document, { input });
  return result.errors?.[0]?.extensions?.['code'] ?? result.data?.[name]?.code ?? null;
}
