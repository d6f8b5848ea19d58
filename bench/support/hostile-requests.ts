const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

/**
 * Documents that would cost a server much if it took them. `salt` makes each text another one, so that nothing is remembered.
 * `test/schema/doors/hostile-graphql.test.ts` has what each is refused for.
 */
export function hostileDocuments(salt: number): readonly string[] {
  const doubling = times(60, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`);
  return [
    `{ ${'repo { '.repeat(900)} id ${'}'.repeat(900)} }`,
    `{ ${times(500, (n) => `a${n}: viewer { isAdmin }`)} }`,
    `{ viewer { ${times(600, (n) => `a${n}: isAdmin`)} } }`,
    `{ ...f0 } ${doubling} fragment f60 on Query { viewer { isAdmin } }`,
    `{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }`,
    `{ repos { edges { node { ${times(40, () => 'owner { name bio }')} } } } }`,
    `{ ${times(10, () => `repos { edges { ${times(4, () => `node { ${times(4, () => 'owner { name }')} }`)} } }`)} }`,
    `{ repos(first: 1000000) { edges { node { id headCommit { title } owner { name } } } } }`,
    `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`,
    `{ ${times(10, (n) => `viewre${n} { isAdmim }`)} }`,
    `{ repo(name: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`,
    `mutation { ${times(200, (n) => `a${n}: login(input: { username: "bench", password: "${n}" }) { __typename }`)} }`,
  ].map((document) => `${document} # ${salt}`);
}

/** The address of a batch of tRPC. */
function batch(procedure: string, calls: number): string {
  return `/trpc/${Array.from({ length: calls }, () => procedure).join(',')}?batch=1`;
}

/** One request; with a body it is a POST. */
export interface HostileRequest {
  readonly path: string;
  readonly body: string | null;
}

/** Requests that would cost a server much, by both doors. Each of them is refused. */
export function hostileRequests(salt: number): readonly HostileRequest[] {
  const keys = (count: number): string =>
    `{${Array.from({ length: count }, (_, n) => `"key${salt}-${n}":1`).join(',')}}`;
  const create = 'mutation ($input: CreateRepoInput!) { createRepo(input: $input) { __typename } }';
  const withInput = (input: string) => `{"query":"${create}","variables":{"input":${input}}}`;
  return [
    ...hostileDocuments(salt).map((query) => ({ path: '/graphql', body: JSON.stringify({ query }) })),
    { path: '/graphql', body: withInput(keys(90)) },
    { path: '/graphql', body: withInput(keys(1500)) },
    { path: '/graphql', body: withInput('['.repeat(15_000) + ']'.repeat(15_000)) },
    { path: '/graphql', body: withInput(`[${'{},'.repeat(300_000)}{}]`) },
    { path: '/graphql', body: `{"query":[${'1,'.repeat(15_000)}` },
    { path: `/graphql?${times(1500, (n) => `a${n}=`).replaceAll(' ', '&')}`, body: null },
    { path: '/trpc/auth.login', body: keys(1500) },
    { path: '/trpc/auth.login', body: `{"username":[${'{},'.repeat(9000)}{}]}` },
    {
      path: batch('auth.login', 20),
      body: `{${Array.from({ length: 20 }, (_, n) => `"${n}":{"username":"bench","password":"${salt}"}`).join(',')}}`,
    },
    {
      path: `${batch('repos.get', 20)}&input=${'%5B'.repeat(30)}${'%5D'.repeat(30)}`,
      body: null,
    },
  ];
}
