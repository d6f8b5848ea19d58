import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { describe, expect, test as base } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { buildApp } from '../../src/server/app.ts';
import { ContentWorld, HEADER, ndjson } from '../support/content.ts';
import { type Route, withRoutes } from '../support/routes.ts';
import { openTestHub } from '../support/test-hub.ts';
import type { TestUser } from '../support/world.ts';

/**
 * Who may do what: every route that the application has × every caller × every kind of repository. A route that stands in no
 * table here fails the test, so that nobody can add one without saying who may use it.
 */
const CALLERS = [
  'anonymous',
  'stranger',
  'visitor',
  'member',
  'admin',
  'owner',
  'reader',
  'accepted',
  'administrator',
  'suspended',
] as const;
const KINDS = ['public', 'private', 'gated'] as const;
type Caller = (typeof CALLERS)[number];
type Kind = (typeof KINDS)[number];

/**
 * One sign for each of the callers up to `reader`: `+` may, `1` must log in, `3` forbidden, `g` stands before the gate, `4` must
 * not even learn that it exists. The repository belongs to an organisation, whose super-admin is `owner`; `reader` is the same
 * person with a token that may only read, everybody else has one that may write. `allSigns` adds the others.
 */
const RIGHTS = {
  /** Metadata, names and history. */
  read: { public: '+++++++', private: '44+++++', gated: '+++++++' },
  /** Contents of files. */
  files: { public: '+++++++', private: '44+++++', gated: 'gg+++++' },
  /** Opening a pull request, liking. */
  propose: { public: '1+++++3', private: '14++++3', gated: '1+++++3' },
  /** Bringing files for one. */
  upload: { public: '1+++++3', private: '14++++3', gated: '1g++++3' },
  write: { public: '133+++3', private: '143+++3', gated: '133+++3' },
  /** As `write`, but it looks at the gate first. */
  verify: { public: '133+++3', private: '143+++3', gated: '1g3+++3' },
  admin: { public: '1333++3', private: '1433++3', gated: '1333++3' },
} as const satisfies Record<string, Record<Kind, string>>;
type Right = keyof typeof RIGHTS;

/**
 * `accepted` is a visitor where strangers stand before the gate, and otherwise a stranger. So is an `administrator` of the site
 * with what belongs to others: what he may do has routes of its own. The token of a `suspended` super-admin is a wrong one.
 */
function allSigns(signs: string): string {
  const [, stranger = '', visitor = ''] = signs;
  return `${signs}${stranger === 'g' ? visitor : stranger}${stranger}0`;
}

/** A request that fails for another reason, or changes nothing, once the caller was let in. */
interface Probe {
  readonly right: Right;
  /** In place of the `*` of the route. */
  readonly rest?: string;
  readonly query?: string;
  readonly body?: object | string | ((repo: RepoRef) => object);
}

const OID = 'a'.repeat(64);
const TAKEN_NAME = 'somebody';
const TOO_MANY_ANSWERS = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`f${index}`, 'x']));
const COMMIT = ndjson([HEADER, { key: 'deletedFile', value: { path: 'nothing' } }]);
const batch = (operation: string, ref?: string) => ({
  operation,
  objects: [],
  ...(ref && { ref: { name: ref } }),
});

/** Routes of one repository: method and what follows its name. HEAD is as GET. */
const REPO_ROUTES: Readonly<Record<string, readonly Probe[]>> = {
  'GET ': [{ right: 'read' }],
  'GET /refs': [{ right: 'read' }],
  'GET /lfs/settings': [{ right: 'read' }],
  'GET /like': [{ right: 'read' }],
  'POST /like': [{ right: 'propose' }],
  'DELETE /like': [{ right: 'propose' }],
  'GET /likers': [{ right: 'read' }],
  'GET /stats': [{ right: 'read' }],
  'GET /stats/recent': [{ right: 'read' }],
  'GET /ask-access': [{ right: 'read' }],
  'POST /ask-access': [{ right: 'propose', body: { fields: TOO_MANY_ANSWERS } }],
  'DELETE /ask-access': [{ right: 'propose' }],
  'GET /user-access-request/:status': [{ right: 'write', rest: 'pending' }],
  'POST /user-access-request/handle': [{ right: 'write', body: { user: 'nobody', status: 'accepted' } }],
  'POST /user-access-request/grant': [{ right: 'write', body: { user: 'nobody' } }],
  'GET /revision/*': [{ right: 'read', rest: 'main' }],
  'GET /tree/*': [{ right: 'read', rest: 'main' }],
  'GET /commits/*': [{ right: 'read', rest: 'main' }],
  'GET /commit/:revision': [{ right: 'read' }],
  'GET /commit/:revision/diff': [{ right: 'files' }],
  'GET /compare/:range': [
    { right: 'files', rest: 'main..main' },
    { right: 'files', rest: 'main..main', query: '?raw=1' },
    { right: 'read', rest: 'main..main', query: '?text=0' },
  ],
  'GET /compare/:range/commits': [{ right: 'read', rest: 'main..main' }],
  'POST /paths-info': [{ right: 'read', body: { paths: ['a.txt'] } }],
  'POST /paths-info/*': [{ right: 'read', rest: 'main', body: { paths: ['a.txt'] } }],
  'GET /auth-check': [{ right: 'files' }],
  'GET /resolve/*': [{ right: 'files', rest: 'main/a.txt' }],
  'GET /raw/*': [{ right: 'files', rest: 'main/a.txt' }],
  'GET /auth-check/write': [{ right: 'write' }],
  'POST /branch': [{ right: 'write', body: { branch: 'new', revision: 'nowhere' } }],
  'POST /branch/*': [{ right: 'write', rest: 'new', body: { startingPoint: 'nowhere' } }],
  'POST /branch/:branch/revert': [{ right: 'write', body: { ref: 'nowhere' } }],
  'POST /branch/:branch/reset': [{ right: 'write', body: { ref: 'nowhere' } }],
  'POST /merge/:source/into/:destination': [{ right: 'write', body: {} }],
  'POST /super-squash/*': [
    { right: 'write', rest: 'nowhere', body: {} },
    // A pull request of somebody else.
    { right: 'write', rest: 'refs%2Fpr%2F1', body: { expected_head: '00000' } },
  ],
  'DELETE /branch/*': [{ right: 'write', rest: 'nowhere' }],
  'POST /tag': [{ right: 'write', body: { tag: 'new', revision: 'nowhere' } }],
  'POST /tag/*': [{ right: 'write', rest: 'nowhere', body: { tag: 'new' } }],
  'DELETE /tag/*': [{ right: 'write', rest: 'nowhere' }],
  'POST /preupload/*': [
    { right: 'write', rest: 'main', body: { files: [] } },
    { right: 'propose', rest: 'main', query: '?create_pr=1', body: { files: [] } },
    { right: 'propose', rest: 'refs%2Fpr%2F1', body: { files: [] } },
  ],
  'POST /commit/*': [
    { right: 'write', rest: 'main', body: COMMIT },
    { right: 'propose', rest: 'main', query: '?create_pr=1', body: COMMIT },
    // A pull request of somebody else.
    { right: 'write', rest: 'refs%2Fpr%2F1', body: COMMIT },
  ],
  'PUT /settings': [{ right: 'admin', body: {} }],
  'POST /info/lfs/objects/batch': [
    { right: 'files', body: batch('download') },
    { right: 'write', body: batch('upload', 'refs/heads/main') },
    { right: 'upload', body: batch('upload') },
    { right: 'upload', body: batch('upload', 'refs/pr/1') },
  ],
  'GET /xet-read-token/*': [{ right: 'files', rest: 'main' }],
  'GET /xet-write-token/*': [
    { right: 'write', rest: 'main' },
    { right: 'write', rest: 'None' },
    { right: 'upload', rest: 'None', query: '?create_pr=1' },
    { right: 'upload', rest: 'refs%2Fpr%2F1' },
  ],
  'POST /lfs-files/duplicate': [
    {
      right: 'upload',
      body: ({ type, namespace, name }) => ({ target: { type, name: `${namespace}/${name}` }, files: [] }),
    },
  ],
  'POST /info/lfs/verify': [{ right: 'verify', body: { oid: OID, size: 1 } }],
  'GET /info/lfs/locks': [{ right: 'files' }],
  'POST /info/lfs/locks': [{ right: 'write', body: { path: 'a.txt' } }],
  'POST /info/lfs/locks/verify': [
    { right: 'write', body: {} },
    { right: 'upload', body: { ref: { name: 'refs/pr/1' } } },
  ],
  'POST /info/lfs/locks/:id/unlock': [{ right: 'write', body: { force: true } }],
  'GET /HEAD': [{ right: 'files' }],
  'GET /info/refs': [
    { right: 'files', query: '?service=git-upload-pack' },
    { right: 'write', query: '?service=git-receive-pack' },
  ],
  'POST /git-upload-pack': [{ right: 'files', body: '0000' }],
  'POST /git-receive-pack': [{ right: 'write', body: '0000' }],
};

/** Routes that name a repository in their body, or elsewhere than the others. They get a fresh one for each request. */
const BODY_ROUTES: Readonly<Record<string, Probe>> = {
  'GET /api/quota/repo/:type/:namespace/:name': { right: 'read' },
  'HEAD /api/quota/repo/:type/:namespace/:name': { right: 'read' },
  'PUT /api/quota/repo/:type/:namespace/:name': { right: 'admin', body: { quota_bytes: -1 } },
  'POST /api/quota/repo/:type/:namespace/:name/recalculate': { right: 'admin' },
  'DELETE /api/repos/delete': {
    right: 'admin',
    body: ({ namespace, name }) => ({ type: 'model', organization: namespace, name }),
  },
  'POST /api/repos/move': {
    right: 'admin',
    body: ({ namespace, name }) => ({
      type: 'model',
      fromRepo: `${namespace}/${name}`,
      toRepo: `${namespace}/${name}-moved`,
    }),
  },
};

/** Routes of one organisation: a sign for each caller, and a body that changes nothing once the caller was let in. */
const ORG_ROUTES: Readonly<Record<string, { readonly signs: string; readonly body?: object }>> = {
  'GET /org/:name': { signs: '+++++++' },
  'GET /org/:name/members': { signs: '+++++++' },
  'GET /api/organizations/:name/profile': { signs: '+++++++' },
  'GET /api/organizations/:name/overview': { signs: '+++++++' },
  'GET /api/organizations/:name/members': { signs: '+++++++' },
  'GET /api/organizations/:name/avatar': { signs: '+++++++' },
  'POST /api/organizations/:name/avatar': { signs: '1333++3', body: {} },
  'DELETE /api/organizations/:name/avatar': { signs: '1333++3' },
  'PUT /api/organizations/:name/settings': { signs: '1333++3', body: {} },
  'POST /org/:name/members': { signs: '1333++3', body: { username: 'nobody', role: 'member' } },
  'PUT /org/:name/members/:username': { signs: '1333++3', body: { role: 'member' } },
  'DELETE /org/:name/members/:username': { signs: '1333++3' },
  'POST /api/invitations/org/:name/create': { signs: '1333++3', body: {} },
  'GET /api/invitations/org/:name/list': { signs: '1333+++' },
  'DELETE /api/invitations/org/:name/:id': { signs: '1333++3' },
  // Somebody has this name.
  'POST /org/:name/rename': { signs: '13333+3', body: { name: TAKEN_NAME } },
  // It has repositories.
  'DELETE /org/:name': { signs: '13333+3' },
};

/** Everything else, by what a caller needs: nothing, a session, a login, one that may change things, an administrator’s, or a secret in the URL. */
const OTHER_ROUTES = {
  nothing: [
    'GET /',
    'GET /health',
    'GET /metrics',
    'GET /openapi.json',
    'GET /api/version',
    'GET /api/site-config',
    'GET /api/:types(models|datasets|spaces)',
    'GET /api/models-tags-by-type',
    'GET /api/datasets-tags-by-type',
    'GET /api/users/:username/repos',
    'GET /api/users/:username/likes',
    'GET /api/trending',
    'GET /api/users/:name/avatar',
    'GET /api/users/:username/profile',
    'GET /api/users/:username/type',
    'GET /api/users/:username/overview',
    'GET /api/quota/:namespace/public',
    'GET /org/users/:username/orgs',
    'GET /api/org/users/:username/orgs',
    'GET /api/invitations/:token',
    'POST /api/validate/check-name',
    'POST /api/validate-yaml',
    'POST /api/auth/register',
    'POST /api/auth/login',
    'POST /api/auth/verify-email/resend',
    'GET /api/auth/verify-email',
    'GET /api/auth/change-email',
    'POST /api/auth/password/reset-request',
    'POST /api/auth/password/reset',
    'GET /api/fallback-sources/available',
  ],
  'session of a browser': ['POST /api/auth/logout'],
  login: [
    'GET /api/auth/me',
    'GET /api/whoami-v2',
    'GET /api/auth/tokens',
    'GET /api/auth/sessions',
    'GET /api/users/:username/deletion',
    'GET /api/users/:username/external-tokens',
    'GET /api/quota/:namespace',
    'GET /api/quota/:namespace/repos',
    'GET /api/user/keys',
    'GET /api/user/keys/:id',
    'GET /api/settings/repositories',
    'GET /api/organizations/:name/settings/repositories',
  ],
  'writing login': [
    'POST /org/create',
    'POST /api/org/create',
    'POST /api/invitations/:token/accept',
    'DELETE /api/invitations/:token',
    'POST /api/repos/create',
    'POST /api/auth/tokens/create',
    'DELETE /api/auth/tokens/:id',
    'POST /api/user/keys',
    'DELETE /api/user/keys/:id',
    'POST /api/auth/password',
    'DELETE /api/auth/sessions',
    'DELETE /api/auth/sessions/:id',
    'PUT /api/users/:username/settings',
    'DELETE /api/users/:username',
    'POST /api/quota/:namespace/recalculate',
    'POST /api/users/:name/avatar',
    'DELETE /api/users/:name/avatar',
    'POST /api/users/:username/external-tokens',
    'PUT /api/users/:username/external-tokens/bulk',
    'DELETE /api/users/:username/external-tokens/:url',
  ],
  administrator: [
    'PUT /api/quota/:namespace',
    'POST /api/invitations/register/create',
    'GET /api/invitations/register/list',
    'DELETE /api/invitations/register/:id',
    'GET /api/admin/users',
    'POST /api/admin/users',
    'GET /api/admin/users/:username',
    'DELETE /api/admin/users/:username',
    'POST /api/admin/users/:username/suspend',
    'POST /api/admin/users/:username/reinstate',
    'POST /api/admin/users/:username/verify-email',
    'PUT /api/admin/users/:username/administrator',
    'DELETE /api/admin/users/:username/administrator',
    'GET /api/admin/users/:username/logins',
    'DELETE /api/admin/users/:username/sessions',
    'DELETE /api/admin/users/:username/sessions/:id',
    'DELETE /api/admin/users/:username/tokens',
    'DELETE /api/admin/users/:username/tokens/:id',
    'DELETE /api/admin/users/:username/ssh-keys',
    'DELETE /api/admin/users/:username/ssh-keys/:id',
    'GET /api/admin/organizations',
    'POST /api/admin/organizations/:name/super-admin',
    'GET /api/admin/repositories',
    'POST /api/admin/repositories/:type/:namespace/:name/disable',
    'POST /api/admin/repositories/:type/:namespace/:name/enable',
    'DELETE /api/admin/repositories/:type/:namespace/:name',
    'GET /api/admin/invitations',
    'DELETE /api/admin/invitations/:id',
    'GET /api/admin/health',
    'GET /api/admin/storage',
    'GET /api/admin/audit',
  ],
  secret: ['POST /api/lfs/complete', 'GET /_storage/object', 'PUT /_storage/object'],
  /** What they reach has rights of its own: `test/schema/refusals`. */
  'the operation inside': ['GET /graphql', 'POST /graphql', 'GET /trpc/:path', 'POST /trpc/:path'],
} as const;

/**
 * Routes below the address of the content-addressed store, by what opens them. No login does: clients send a Xet token,
 * or the URL is signed.
 */
const XET_ROUTES = {
  'a token that reads': [
    'GET /v1/chunks/:prefix/:hash',
    'GET /chunks/:prefix/:hash',
    'GET /chunk/:prefix/:hash',
    'GET /v2/reconstructions/:fileId',
    'GET /v1/reconstructions/:fileId',
    'GET /reconstructions/:fileId',
    'GET /reconstruction/:fileId',
  ],
  'a token that uploads': [
    'POST /v1/xorbs/:prefix/:hash',
    'POST /xorbs/:prefix/:hash',
    'POST /xorb/:prefix/:hash',
    'POST /v2/shards',
    'POST /v1/shards',
    'POST /shards',
    'POST /shard/:prefix/:hash',
  ],
  'its own URL': ['GET /xorbs/:hash', 'GET /files/:sha256'],
} as const;
const XET_PREFIX = '/xet/:instance';
/** Where nothing is, whatever the method and the token. */
const XET_NOTHING = `${XET_PREFIX}/*`;

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
    .replace(/\*|:status|:range/, probe.rest ?? '');
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
