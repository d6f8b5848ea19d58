import { describe, expect } from 'vitest';
import { buildApp } from '../../../src/server/app.ts';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, type GraphqlResult } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const JSON_TYPE = { 'content-type': 'application/json' };

/** A document, and what the refusal says. */
const HOSTILE: Readonly<Record<string, readonly [document: string, message: RegExp]>> = {
  long: [`{ viewer { isAdmin } } ${'#'.repeat(20_000)}`, /exceeds the maximum length|more than|too long/i],
  'of many tokens': [
    `{ viewer { isAdmin } repo(name: "${'a" name: "'.repeat(1000)}") { id } }`,
    /2000 tokens/,
  ],
  'of many comments': [`{ viewer { isAdmin } } ${'#\n'.repeat(300)}`, /comments/],
  deep: [`{ ${'viewer { '.repeat(21)} isAdmin ${'}'.repeat(21)} }`, /more than 20 levels/],
  'deeper than any stack': [`{ ${'a { '.repeat(900)} b ${'}'.repeat(900)} }`, /2000 tokens|20 levels/],
  'deep in what exists': [
    `{ repos { edges { node { owner { ... on User { ${'repos { edges { node { owner { ... on User { '.repeat(2)} name ${'} } } } } '.repeat(2)} } } } } } }`,
    /levels deep|Cannot query field|too often/,
  ],
  wide: [`{ viewer { ${times(501, (n) => `a${n}`)} } }`, /more than 500 fields/],
  'wide in what exists': [
    `{ ${times(5, (n) => `a${n}: viewer { ${times(45, (m) => ['isAdmin', '__typename'][m % 2]!)} }`)} }`,
    /too often|fields; 200 are the most/,
  ],
  aliased: [`{ viewer { ${times(31, (n) => `a${n}: isAdmin`)} } }`, /more than 30 aliases/],
  'aliased by fragments': [
    `{ viewer { ${times(9, () => '...f')} } } fragment f on Viewer { ${times(4, (n) => `a${n}: isAdmin`)} }`,
    /more than 30 aliases/,
  ],
  'wide at its root': [
    `{ ${times(11, (n) => `a${n}: viewer { isAdmin }`)} }`,
    /more than 10 fields at its root/,
  ],
  'wide at its root by fragments': [
    `{ ${times(11, () => '...f')} } fragment f on Query { viewer { isAdmin } }`,
    /more than 10 fields at its root/,
  ],
  'of many directives': [
    `{ viewer ${'@skip(if: false) '.repeat(31)} { isAdmin } }`,
    /more than 30 directives/,
  ],
  'of many directives in a fragment that nothing uses': [
    `{ viewer { isAdmin } } fragment f on Viewer { isAdmin ${'@skip(if: false) '.repeat(31)} }`,
    /more than 30 directives/,
  ],
  'of many variables': [
    `query (${times(31, (n) => `$v${n}: Int`)}) { viewer { isAdmin } }`,
    /more than 30 variables/,
  ],
  'with a fragment that spreads itself': [
    `{ viewer { ...f } } fragment f on Viewer { ...f }`,
    /"f" spreads itself/,
  ],
  'with fragments that spread each other': [
    `{ viewer { isAdmin } } fragment f on Viewer { ...g } fragment g on Viewer { isAdmin ...f }`,
    /spreads itself/,
  ],
  'with fragments that double sixty times': [
    `{ viewer { ...f0 } } ${times(60, (n) => `fragment f${n} on Viewer { ...f${n + 1} ...f${n + 1} }`)} fragment f60 on Viewer { isAdmin }`,
    /more than 500 fields/,
  ],
  'with fragments that double sixty times and end nowhere': [
    `{ viewer { ...f0 } } ${times(60, (n) => `fragment f${n} on Viewer { ...f${n + 1} ...f${n + 1} }`)}`,
    /Unknown fragment "f60"/,
  ],
  'with fields to be merged in many pairs': [
    `{ ${times(10, () => `repos { edges { ${times(4, () => `node { ${times(4, () => 'owner { name }')} }`)} } }`)} }`,
    /same fields too often/,
  ],
  'that reads the schema without end': [
    `{ __schema { types { fields { type { ...f } } } } } fragment f on __Type { ofType { fields { name } } }`,
    /more than 1 list of the schema in another/,
  ],
  'that reads the schema by many names': [
    `{ __schema { ${times(9, (n) => `a${n}: types { name }`)} } }`,
    /without aliases/,
  ],
  'that reads the schema many times': [
    `{ ${times(9, (n) => `a${n}: __schema { types { name } }`)} }`,
    /without aliases/,
  ],
  'with fragments in each other, spread often': [
    `{ viewer { ${times(9, () => '...f')} } } fragment f on Viewer { ${'... { '.repeat(11)} isAdmin ${'}'.repeat(11)} }`,
    /more than 100 fragments/,
  ],
  'with a value of many levels, which the refusal would quote': [
    `{ repo(name: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`,
    /more than 20 levels/,
  ],
  'with such a value at a directive': [
    `{ viewer @skip(if: ${'{ a: '.repeat(21)} 1 ${'}'.repeat(21)}) { isAdmin } }`,
    /more than 20 levels/,
  ],
  'with a long value, which the refusal would quote': [
    `{ repos(first: [${times(1900, (n) => String(n))}]) { edges { cursor } } }`,
    /^Int cannot represent[^]{1,990}$/,
  ],
  'of a huge list': [`{ repos(first: 2147483647) { edges { node { id } } } }`, /points; 5000 are the most/],
  'of many nodes': [
    `{ nodes(ids: [${times(900, () => '"UmVwbzox"')}]) { id ... on Repo { name url owner { name } quota { usedBytes } } } }`,
    /points; 5000 are the most/,
  ],
  'of huge lists in a list': [
    `{ nodes(ids: [${times(500, () => '"UmVwbzox"')}]) { ... on Repo { owner { name } headCommit { oid } quota { usedBytes } } } repos(first: 100) { edges { node { ${times(25, (n) => `a${n}: headCommit { title }`)} } } } }`,
    /points; 5000 are the most/,
  ],
};

describe('a document that is hostile', () => {
  it.for(Object.entries(HOSTILE))('%s', async ([, [document, message]], { hub, app }) => {
    let result: GraphqlResult = {};
    const statements = await countStatements(hub, async () => {
      result = await graphql(app, null, document);
    });
    expect(result.errors?.[0]?.message).toMatch(message);
    expect(result.errors!.map(({ extensions }) => extensions?.['code'])).toEqual(
      result.errors!.map(() => 'BadRequest'),
    );
    expect(Object.values(result.data ?? {}).filter((value) => value !== null)).toEqual([]);
    expect(statements).toBe(0);
  });
});

describe('variables that are hostile', () => {
  const query =
    'query ($search: [String!]) { repos(filter: { type: MODEL, search: $search }) { edges { cursor } } }';
  const keys = times(101, (n) => `"k${n}": 1,`);

  it.for([
    ['many', `[${'1,'.repeat(10_000)}1]`, /more than 10000 values/],
    ['deep', '['.repeat(10_000) + ']'.repeat(10_000), /40 levels/],
    ['an object of many keys', `{ ${keys} "k": 1 }`, /100 keys/],
    ['not of their type', '5', /String/],
    ['of fifty mistakes', `[${'1,'.repeat(50)}1]`, /at \[0\]/],
  ] as const)('because they are %s', async ([, search, message], { hub, app }) => {
    const payload = `{ "query": ${JSON.stringify(query)}, "variables": { "search": ${search} } }`;
    const statements = await countStatements(hub, async () => {
      const answer = await app.inject({ method: 'POST', url: '/graphql', headers: JSON_TYPE, payload });
      const { errors, data } = answer.json<GraphqlResult>();
      expect(errors).toMatchObject([
        { message: expect.stringMatching(message) as string, extensions: { code: 'BadRequest' } },
      ]);
      expect(data).toBeUndefined();
    });
    expect(statements).toBe(0);
  });

  it('in an address', async ({ app }) => {
    const variables = encodeURIComponent(`{"search":${'['.repeat(50)}${']'.repeat(50)}}`);
    const url = `/graphql?query=${encodeURIComponent(query)}&variables=${variables}`;
    const answer = await app.inject({ method: 'GET', url });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<GraphqlResult>().errors?.[0]?.message).toMatch(/40 levels/);
  });
});

it('parameters of an address that mean nothing go no further', async ({ hub }) => {
  const app = await buildApp(hub);
  const taken: unknown[] = [];
  app.addHook('onResponse', async (request) => taken.push(request.query));
  const others = Array.from({ length: 2500 }, (_, n) => `a${n}=`).join('&');
  const query = '{viewer{isAdmin}}';
  const answers = [
    await app.inject({ url: `/graphql?query=${query}&${others}` }),
    await app.inject({ method: 'POST', url: `/graphql?${others}`, payload: { query } }),
  ];
  expect(answers.map((answer) => answer.json<GraphqlResult>())).toEqual([
    { data: { viewer: null } },
    { data: { viewer: null } },
  ]);
  expect(taken).toEqual([{ query }, {}]);
  await app.close();
});

describe('a request that is none', () => {
  const QUERY = '{"query": "{ viewer { isAdmin } }"}';

  it.for([
    ['no JSON', 'application/json', '{', 400],
    ['nothing', 'application/json', '', 400],
    ['no object', 'application/json', '5', 400],
    ['an empty object', 'application/json', '{}', 400],
    ['a batch', 'application/json', `[${QUERY}, ${QUERY}]`, 400],
    ['a query that is no text', 'application/json', '{"query": 5}', 400],
    [
      'variables that are none',
      'application/json',
      '{"query": "{ viewer { isAdmin } }", "variables": "x"}',
      400,
    ],
    ['an unknown id', 'application/json', '{"documentId": "sha256:0"}', 400],
    ['an id that every object has', 'application/json', '{"documentId": "__proto__"}', 400],
    ['a form', 'application/x-www-form-urlencoded', 'query=%7Bviewer%7BisAdmin%7D%7D', 415],
    ['a form of parts', 'multipart/form-data; boundary=x', '--x--', 415],
    ['a text', 'text/plain', QUERY, 415],
    ['GraphQL itself', 'application/graphql', '{ viewer { isAdmin } }', 415],
  ] as const)('%s', async ([, type, payload, status], { app }) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': type },
      payload,
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BadRequest' } }] });
  });

  it('is too large, which it is sooner without a login', async ({ app, world }) => {
    const { headers } = await world.user();
    const send = async (bytes: number, given: Readonly<Record<string, string>>) => {
      const payload = { query: '{ viewer { isAdmin } }', variables: { text: 'x'.repeat(bytes) } };
      const answer = await app.inject({ method: 'POST', url: '/graphql', headers: given, payload });
      return [answer.statusCode, answer.json<GraphqlResult>().errors?.[0]?.extensions?.['code']];
    };
    expect(await send(2 ** 20, headers)).toEqual([413, 'PayloadTooLarge']);
    expect(await send(2 ** 19, headers)).toEqual([200, undefined]);
    expect(await send(2 ** 15, {})).toEqual([413, 'PayloadTooLarge']);
    expect(await send(2 ** 14, {})).toEqual([200, undefined]);
  });

  it.for([
    ['?query={viewer{isAdmin}}&variables=garbage', 400],
    ['?query=mutation{deleteRepo(input:{repo:{name:"a/b"}}){__typename}}', 405],
    ['?query={viewer', 200],
    ['', 400],
  ] as const)('by GET: %s', async ([search, status], { app }) => {
    const answer = await app.inject({ method: 'GET', url: `/graphql${search}` });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BadRequest' } }] });
  });
});
