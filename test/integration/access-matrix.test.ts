import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { describe, expect, test as base } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { buildApp } from '../../src/server/app.ts';
import { ContentWorld, HEADER, ndjson } from '../support/content.ts';
import { type Route, withRoutes } from '../support/routes.ts';
import { openTestHub } from '../support/test-hub.ts';
import type { TestUser } from '../support/world.ts';
import {
  CALLERS,
  KINDS,
  type Caller,
  type Kind,
  RIGHTS,
  allSigns,
  type Probe,
  OID,
  TAKEN_NAME,
  REPO_ROUTES,
  BODY_ROUTES,
  ORG_ROUTES,
  OTHER_ROUTES,
  XET_ROUTES,
  XET_PREFIX,
  XET_NOTHING,
} from './access-tables.ts';

const REPO_PREFIX = /^(?:\/api)?(?:\/:types\(models\|datasets\|spaces\))?\/:namespace\/:name/;

interface Matrix {
  readonly world: ContentWorld;
  readonly routes: readonly Route[];
  readonly people: Readonly<Record<Caller, TestUser | null>>;
  readonly org: string;
  readonly repos: Readonly<Record<Kind, RepoRef>>;
  readonly make: (kind: Kind) => Promise<RepoRef>;
}

const it = base.extend('matrix', { scope: 'file' }, async ({}, { onCleanup }): Promise<Matrix> => {
  const test = await openTestHub();
  const { app, routes } = await withRoutes(() => buildApp(test.hub));
  await app.ready();
  onCleanup(async () => {
    await app.close();
    await test.close();
  });
  const world = new ContentWorld(test.hub, app);
  const names = ['owner', 'stranger', 'visitor', 'member', 'admin', 'accepted', 'suspended'] as const;
  const users = await Promise.all(names.map(async (name) => [name, await world.user(name)] as const));
  const byName = Object.fromEntries(users) as Record<(typeof names)[number], TestUser>;
  const { owner, visitor, member, admin, accepted, suspended } = byName;
  const org = await world.org(owner, [
    { user: visitor, role: 'visitor' },
    { user: member, role: 'member' },
    { user: admin, role: 'admin' },
    { user: suspended, role: 'super-admin' },
  ]);
  const make = async (kind: Kind): Promise<RepoRef> => {
    const repo = await world.repo(owner, { namespace: org, isPrivate: kind === 'private' });
    if (kind === 'gated') {
      await test.hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
      await test.hub.services().gates.grant(owner.actor, repo, accepted.name);
    }
    return repo;
  };
  await test.hub.services().accounts.createUserAsOperator({
    name: TAKEN_NAME,
    email: null,
    password: 'correct horse battery',
    isAdmin: false,
  });
  const repos = { public: await make('public'), private: await make('private'), gated: await make('gated') };
  for (const repo of Object.values(repos)) {
    await world.commit(owner, repo, { 'a.txt': 'a' });
    // Pull request number 1.
    const proposal = ndjson([HEADER, { key: 'deletedFile', value: { path: 'a.txt' } }]);
    await world.sendCommit(owner, repo, proposal, { revision: 'main?create_pr=1' });
  }
  const reader = await world.readToken(owner);
  const administrator = await world.admin();
  await test.hub.deps.sql.execute({
    text: 'update account set is_active = false where name = $1',
    values: [suspended.name],
  });
  const people = { anonymous: null, ...byName, reader, administrator };
  return { world, routes, people, org, repos, make };
});

function probesOf({ method, url }: Route): readonly Probe[] | undefined {
  const prefix = REPO_PREFIX.exec(url)?.[0];
  if (prefix === undefined) return undefined;
  return REPO_ROUTES[`${asGet(method)} ${url.slice(prefix.length)}`];
}

/** The specification spells them without `/api`; both work. */
function orgRouteOf({ method, url }: Route) {
  return ORG_ROUTES[`${asGet(method)} ${url.replace(/^\/api\/org\//, '/org/')}`];
}

function asGet(method: string): string {
  return method === 'HEAD' ? 'GET' : method;
}

function requestFor({ method, url }: Route, probe: Probe, repo: RepoRef): InjectOptions {
  const filled = url
    .replace(/:types\([^)]*\)/, 'models')
    .replace(':type/', 'model/')
    .replace(':namespace', repo.namespace)
    .replace(':name', repo.name)
    .replace(/\*|:status|:range|:number/, probe.rest ?? '');
  const body = typeof probe.body === 'function' ? probe.body(repo) : probe.body;
  const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
  return {
    method,
    url: filled + (probe.query ?? ''),
    ...(body !== undefined && { payload: body, headers: { 'content-type': type } }),
  };
}

const SIGNS: Readonly<Record<string, string>> = {
  Unauthenticated: '1',
  Forbidden: '3',
  GatedRepo: 'g',
  RepoNotFound: '4',
  InvalidCredentials: '0',
};

function signOf({ statusCode, headers }: LightMyRequestResponse): string {
  // Whoever learns what the hub cannot do, such as fetching without a git, was let in.
  if (headers['x-error-code'] === 'NotImplemented') return '+';
  if (statusCode >= 500) return '!';
  return SIGNS[String(headers['x-error-code'])] ?? '+';
}

/** The routes that stand in no table, or in several. */
function misplaced(routes: readonly Route[]): string[] {
  const others = new Set<string>(OTHER_KEYS);
  const tablesOf = (route: Route): number => {
    const key = `${asGet(route.method)} ${route.url}`;
    const isOther = others.has(key) || isDocs(route) || route.url === XET_NOTHING;
    return [probesOf(route), BODY_ROUTES[key], orgRouteOf(route), isOther].filter(Boolean).length;
  };
  return routes.filter((route) => tablesOf(route) !== 1).map(({ method, url }) => `${method} ${url}`);
}

it('every route is in exactly one table', ({ matrix }) => {
  expect(misplaced(matrix.routes)).toEqual([]);
});

it('a route that is added without a line in a table is found', async ({ matrix }) => {
  const urls = [
    '/api/dummy',
    '/api/:types(models|datasets|spaces)/:namespace/:name/dummy',
    '/org/:name/dummy',
  ];
  const { app, routes } = await withRoutes(async () => {
    const built = await buildApp(matrix.world.hub);
    for (const url of urls) built.post(url, () => 'open to everybody');
    return built;
  });
  await app.close();
  expect(misplaced(routes)).toEqual(expect.arrayContaining(urls.map((url) => `POST ${url}`)));
});

it('no table names a route that does not exist', ({ matrix }) => {
  const keys = new Set(matrix.routes.map(({ method, url }) => `${method} ${url}`));
  const suffixes = new Set(
    matrix.routes.map(({ method, url }) => `${method} ${url.replace(REPO_PREFIX, '')}`),
  );
  const others = [...Object.keys(BODY_ROUTES), ...Object.keys(ORG_ROUTES), ...OTHER_KEYS];
  expect(others.filter((key) => !keys.has(key))).toEqual([]);
  expect(Object.keys(REPO_ROUTES).filter((key) => !suffixes.has(key))).toEqual([]);
});

const XET_KEYS = Object.values(XET_ROUTES)
  .flat()
  .map((key) => key.replace(' ', ` ${XET_PREFIX}`));
const OTHER_KEYS: readonly string[] = [...Object.values(OTHER_ROUTES).flat(), ...XET_KEYS];

function isDocs({ url }: Route): boolean {
  return url.startsWith('/docs');
}

describe('a repository', () => {
  it.for(KINDS)('%s: every caller gets what the table says', async (kind, { matrix }) => {
    const { world, people, repos, routes } = matrix;
    const wrong: string[] = [];
    for (const route of routes) {
      for (const probe of probesOf(route) ?? []) {
        const request = requestFor(route, probe, repos[kind]);
        const signs: string[] = [];
        for (const caller of CALLERS) signs.push(signOf(await world.request(people[caller], request)));
        const expected = allSigns(RIGHTS[probe.right][kind]);
        if (signs.join('') !== expected)
          wrong.push(
            `${request.method} ${route.url}${probe.query ?? ''}: ${signs.join('')} instead of ${expected}`,
          );
      }
    }
    expect(wrong).toEqual([]);
  });

  it.for(KINDS)('%s: also where the body names it', async (kind, { matrix }) => {
    const { world, people, routes, make } = matrix;
    for (const route of routes) {
      const probe = BODY_ROUTES[`${route.method} ${route.url}`];
      if (!probe) continue;
      const signs: string[] = [];
      for (const caller of CALLERS)
        signs.push(signOf(await world.request(people[caller], requestFor(route, probe, await make(kind)))));
      expect.soft([route.url, signs.join('')]).toEqual([route.url, allSigns(RIGHTS[probe.right][kind])]);
    }
  });

  it('that is hidden looks like one that is missing, and like one of nobody', async ({ matrix }) => {
    const { world, people, routes, repos } = matrix;
    const hidden = repos.private;
    const missing = [
      { ...hidden, name: hidden.name.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')) },
      { ...hidden, namespace: hidden.namespace.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')) },
    ];
    const wrong: string[] = [];
    for (const route of routes) {
      const own = BODY_ROUTES[`${route.method} ${route.url}`];
      for (const probe of own ? [own] : (probesOf(route) ?? [])) {
        for (const caller of ['anonymous', 'stranger', 'accepted', 'administrator'] as const) {
          const seen = await Promise.all(
            [hidden, ...missing].map(async (repo) =>
              visible(await world.request(people[caller], requestFor(route, probe, repo)), repo),
            ),
          );
          if (new Set(seen).size !== 1)
            wrong.push(`${route.method} ${route.url} for ${caller}: ${seen.join('\n')}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('that is private is in no list and no answer for those who may not see it', async ({ matrix }) => {
    const { world, people, org, repos } = matrix;
    const { name } = repos.private;
    const urls = [
      `/api/models?author=${org}&limit=1000`,
      `/api/models?search=${name}`,
      `/api/users/${org}/repos?limit=1000`,
      '/api/models?limit=1000',
    ];
    for (const caller of CALLERS) {
      for (const url of urls) {
        const answer = await world.read(people[caller], url);
        const isSeen = allSigns(RIGHTS.read.private)[CALLERS.indexOf(caller)] === '+';
        expect.soft([caller, url, answer.body.includes(name)]).toEqual([caller, url, isSeen]);
      }
      const check = { namespace: org, type: 'model', name };
      const answer = await world.postJson(people[caller], '/api/validate/check-name', check);
      const sign = allSigns(RIGHTS.read.private)[CALLERS.indexOf(caller)];
      const isFree = sign === '0' ? undefined : sign !== '+';
      expect.soft([caller, answer.json<{ available?: boolean }>().available]).toEqual([caller, isFree]);
    }
  });
});

/** What a caller can see of an answer, without what is different each time and without the name that he sent himself. */
function visible(
  { statusCode, headers, body }: LightMyRequestResponse,
  { namespace, name }: RepoRef,
): string {
  const { date: _date, 'x-request-id': _id, ...rest } = headers;
  const text = body.replace(/"request_id":"[^"]*"/, '');
  return JSON.stringify([statusCode, rest, text])
    .replaceAll(`${namespace}/${name}`, '…')
    .replaceAll(name, '…');
}

it('an organization: every caller gets what the table says', async ({ matrix }) => {
  const { world, people, org, routes } = matrix;
  const wrong: string[] = [];
  for (const route of routes) {
    const probe = orgRouteOf(route);
    if (!probe) continue;
    const url = route.url.replace(':name', org).replace(':username', 'nobody').replace(':id', '999999');
    const signs: string[] = [];
    for (const caller of CALLERS) {
      const request = { method: route.method as 'GET', url, ...(probe.body && { payload: probe.body }) };
      signs.push(signOf(await world.request(people[caller], request)));
    }
    const expected = allSigns(probe.signs);
    if (signs.join('') !== expected)
      wrong.push(`${route.method} ${route.url}: ${signs.join('')} instead of ${expected}`);
  }
  expect(wrong).toEqual([]);
});

describe('everything else', () => {
  const BODIES: Readonly<Record<string, object>> = {
    'POST /api/repos/create': { name: 'not a name' },
    'POST /org/create': { name: 'not a name' },
    'POST /api/org/create': { name: 'not a name' },
    'POST /api/auth/tokens/create': { name: ' ' },
    'POST /api/user/keys': { title: 'x', key: 'none' },
    'PUT /api/users/:username/settings': { website: 'none' },
    'DELETE /api/users/:username': { password: 'wrong' },
    'POST /api/users/:username/external-tokens': { url: 'none', token: 'x' },
    'PUT /api/users/:username/external-tokens/bulk': { tokens: [{ url: 'none', token: 'x' }] },
    'POST /api/auth/password': { current_password: 'wrong', new_password: 'short' },
  };
  const OWN_NAME = /:(?:user)?name(?:space)?/;
  const request = (key: string, query = '', payload = BODIES[key]): InjectOptions => {
    const [method, url = ''] = key.split(' ');
    return {
      method: method as 'GET',
      url: url.replace(':id', '999999').replace(':url', 'none') + query,
      ...(payload && { payload }),
    };
  };

  /** What is about one namespace is not for strangers. Administrators of the site see and count what it stores, because they set its limits. */
  const expectPrivacy = async (
    key: string,
    asked: InjectOptions,
    { world, people }: Matrix,
  ): Promise<void> => {
    if (!OWN_NAME.test(key) || key.includes('/organizations/')) return;
    const administrator = key.includes('/api/quota/') ? '+' : '3';
    for (const [caller, sign] of Object.entries({ stranger: '3', administrator }))
      expect
        .soft([caller, signOf(await world.request(people[caller as Caller], asked))])
        .toEqual([caller, sign]);
  };

  it.for(OTHER_ROUTES.nothing)('%s needs nothing', async (key, { matrix }) => {
    const { world, people } = matrix;
    const asked = request(key.replace(OWN_NAME, people.owner!.name).replace(/:types\([^)]*\)/, 'models'));
    expect(signOf(await world.request(null, asked))).toBe('+');
  });

  it.for(OTHER_ROUTES['session of a browser'])('%s needs a session', async (key, { matrix }) => {
    const { world, people } = matrix;
    for (const caller of CALLERS) {
      const { statusCode } = await world.request(people[caller], request(key));
      const expected = caller === 'anonymous' || caller === 'suspended' ? 401 : 400;
      expect.soft([caller, statusCode]).toEqual([caller, expected]);
    }
  });

  it.for(OTHER_ROUTES.login)('%s needs a login', async (key, { matrix }) => {
    const { world, people } = matrix;
    const asked = request(key.replace(OWN_NAME, people.owner!.name));
    expect((await world.request(null, asked)).statusCode).toBe(401);
    expect((await world.request(people.suspended, asked)).statusCode).toBe(401);
    await expectPrivacy(key, asked, matrix);
    // Nothing has that id.
    const found = key.includes(':id') ? 404 : 200;
    expect((await world.request(people.reader, asked)).statusCode).toBe(found);
  });

  it.for(OTHER_ROUTES['writing login'])(
    '%s needs a login that may change things',
    async (key, { matrix }) => {
      const { world, people } = matrix;
      const asked = request(key.replace(OWN_NAME, people.owner!.name), '', BODIES[key]);
      expect((await world.request(null, asked)).statusCode).toBe(401);
      expect((await world.request(people.suspended, asked)).statusCode).toBe(401);
      await expectPrivacy(key, asked, matrix);
      expect((await world.request(people.reader, asked)).statusCode).toBe(403);
      expect(signOf(await world.request(people.owner, asked))).toBe('+');
    },
  );

  it.for(OTHER_ROUTES.administrator)('%s is for administrators of the site', async (key, { matrix }) => {
    const { world, people } = matrix;
    const asked = { ...request(key), ...(/^P[OU]/.test(key) && { payload: {} }) };
    const signs: string[] = [];
    for (const caller of CALLERS) signs.push(signOf(await world.request(people[caller], asked)));
    expect(signs.join('')).toBe('13333333+0');
    const reader = await world.readToken(people.administrator!);
    expect(signOf(await world.request(reader, asked))).toBe(key.startsWith('GET') ? '+' : '3');
  });

  it.for(OTHER_ROUTES.secret)('%s needs the secret, whoever asks', async (key, { matrix }) => {
    const { world, people } = matrix;
    for (const caller of CALLERS) {
      const answer = await world.request(people[caller], {
        ...request(key, '?token=e30.AAAA'),
        ...(key.startsWith('POST') && { payload: { oid: OID, parts: [] } }),
      });
      expect.soft([caller, answer.statusCode]).toEqual([caller, caller === 'suspended' ? 401 : 403]);
    }
  });
});

async function tokenOf(
  { world }: Matrix,
  user: TestUser | null,
  { namespace, name }: RepoRef,
  scope: 'read' | 'write',
): Promise<string> {
  const answer = await world.read(user, `/api/models/${namespace}/${name}/xet-${scope}-token/None`);
  return answer.json<{ accessToken: string }>().accessToken;
}

describe('the content-addressed store', () => {
  const HASH = 'a'.repeat(64);
  /** With a Xet token instead of a login, unless it is null. */
  const ask = (
    { world }: Matrix,
    key: string,
    { token = null, instance = world.hub.deps.xet.instanceId }: { token?: string | null; instance?: string },
  ): Promise<LightMyRequestResponse> => {
    const [method, path = ''] = key.split(' ');
    return world.request(null, {
      method: method as 'GET',
      url: `/xet/${instance}${path.replace(':prefix', 'default').replace(/:(?:hash|fileId|sha256)/, HASH)}`,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(method === 'POST' && { payload: Buffer.from('no xorb and no shard') }),
    });
  };
  it.for([...XET_ROUTES['a token that reads'], ...XET_ROUTES['a token that uploads']])(
    '%s needs a Xet token of this hub',
    async (key, { matrix }) => {
      const { people, repos } = matrix;
      for (const token of [null, 'nonsense', people.owner!.token])
        expect.soft([token, (await ask(matrix, key, { token })).statusCode]).toEqual([token, 401]);
      const token = await tokenOf(matrix, people.owner, repos.private, 'write');
      expect(signOf(await ask(matrix, key, { token }))).toBe('+');
      const elsewhere = await ask(matrix, key, { token, instance: 'another' });
      expect([elsewhere.statusCode, elsewhere.headers['x-error-code']]).toEqual([404, 'NotFound']);
    },
  );

  it.for(XET_ROUTES['a token that uploads'])('%s needs a token that uploads', async (key, { matrix }) => {
    const { people, repos } = matrix;
    const reads = await tokenOf(matrix, people.owner, repos.private, 'read');
    expect((await ask(matrix, key, { token: reads })).statusCode).toBe(403);
    const writes = await tokenOf(matrix, people.owner, repos.private, 'write');
    expect((await ask(matrix, key, { token: writes })).statusCode).toBe(400);
  });

  it.for(XET_ROUTES['its own URL'])('%s needs the URL that the hub signed', async (key, { matrix }) => {
    const { people, repos } = matrix;
    const token = await tokenOf(matrix, people.owner, repos.private, 'write');
    expect((await ask(matrix, key, { token })).statusCode).toBe(400);
    expect((await ask(matrix, `${key}?token=e30.AAAA`, { token })).statusCode).toBe(403);
  });

  it('has nothing else', async ({ matrix }) => {
    const { people, repos } = matrix;
    const token = await tokenOf(matrix, people.owner, repos.private, 'write');
    for (const key of ['GET /', 'GET /v1/files', 'POST /v1/xorb-grants/default/x', 'DELETE /v1/shards'])
      expect.soft([key, (await ask(matrix, key, { token })).statusCode]).toEqual([key, 404]);
  });
});
