import type { TRPCClientError } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { describe, expectTypeOf, it } from 'vitest';
import type {
  AppRouter,
  createHubClient,
  FragmentType,
  GraphqlFailure,
  HubOverviewDocument,
  HubOverviewQuery,
  readFragment,
  RepoRowFragmentDoc,
} from '../../../schema/client/index.ts';
import type { DomainErrorCode } from '../../../src/domain/errors.ts';

// The compiler proves these; nothing is called.

type Client = ReturnType<typeof createHubClient>;
type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;

describe('the tRPC client infers', () => {
  it('inputs', () => {
    expectTypeOf<Inputs['repos']['get']>().toEqualTypeOf<{
      repo: { name: string; type?: 'model' | 'dataset' | 'space' | undefined };
    }>();
    expectTypeOf<Client['trpc']['repos']['get']['query']>()
      .parameter(0)
      .toEqualTypeOf<Inputs['repos']['get']>();
    expectTypeOf<{ repo: { name: number } }>().not.toExtend<Inputs['repos']['get']>();
    expectTypeOf<{ repo: { name: string; type: 'modell' } }>().not.toExtend<Inputs['repos']['get']>();
  });

  it('outputs, as they travel', () => {
    type Repo = Awaited<ReturnType<Client['trpc']['repos']['get']['query']>>;
    expectTypeOf<Repo>().toEqualTypeOf<Outputs['repos']['get']>();
    expectTypeOf<Repo['usedBytes']>().toEqualTypeOf<number>();
    expectTypeOf<Repo['createdAt']>().toEqualTypeOf<string>();
    expectTypeOf<Repo['visibility']>().toEqualTypeOf<'private' | 'public'>();
    expectTypeOf<Repo>().not.toBeAny();
  });

  it('codes of errors', () => {
    type Data = NonNullable<TRPCClientError<AppRouter>['data']>;
    expectTypeOf<Data['domainCode']>().toEqualTypeOf<DomainErrorCode | null>();
    expectTypeOf<Data['httpStatus']>().toEqualTypeOf<number>();
  });

  it('what is a query and what a mutation', () => {
    expectTypeOf<Client['trpc']['repos']['get']>().not.toHaveProperty('mutate');
    expectTypeOf<Client['trpc']['repos']['create']>().not.toHaveProperty('query');
  });
});

describe('the GraphQL client infers', () => {
  type Call = Client['graphql'];
  const call = (graphql: Call, document: typeof HubOverviewDocument) => graphql(document, { first: 5 });
  const callText = (graphql: Call) => graphql<{ a: number }, { b?: string }>('{ a }');

  it('results', () => {
    expectTypeOf(call).returns.resolves.toEqualTypeOf<HubOverviewQuery>();
    expectTypeOf(callText).returns.resolves.toEqualTypeOf<{ a: number }>();
  });

  it('variables', () => {
    // @ts-expect-error They are required.
    expectTypeOf((graphql: Call, document: typeof HubOverviewDocument) => graphql(document)).toBeFunction();
    expectTypeOf((graphql: Call, document: typeof HubOverviewDocument) =>
      // @ts-expect-error It is a number.
      graphql(document, { first: 'five' }),
    ).toBeFunction();
  });

  it('what a document spreads', () => {
    type Row = FragmentType<typeof RepoRowFragmentDoc>;
    expectTypeOf<HubOverviewQuery['repos']['edges'][number]['node']>().toExtend<Row>();
    const nameOf = (read: typeof readFragment, document: typeof RepoRowFragmentDoc, row: Row) =>
      read(document, row).fullName;
    expectTypeOf(nameOf).returns.toEqualTypeOf<string>();
  });

  it('codes of errors', () => {
    expectTypeOf<GraphqlFailure['code']>().toEqualTypeOf<DomainErrorCode | 'ServerError'>();
  });
});
