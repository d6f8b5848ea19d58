import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { HEADER, ndjson } from '../support/content.ts';

/**
 * Who may do what: every route that the application has × every caller × every kind of repository. A route that stands in no
 * table here fails `access-matrix.test.ts`, so that nobody can add one without saying who may use it.
 */
export const CALLERS = [
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
export const KINDS = ['public', 'private', 'gated'] as const;
export type Caller = (typeof CALLERS)[number];
export type Kind = (typeof KINDS)[number];

/**
 * One sign for each of the callers up to `reader`: `+` may, `1` must log in, `3` forbidden, `g` stands before the gate, `4` must
 * not even learn that it exists. The repository belongs to an organisation, whose super-admin is `owner`; `reader` is the same
 * person with a token that may only read, everybody else has one that may write. `allSigns` adds the others.
 */
export const RIGHTS = {
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
export function allSigns(signs: string): string {
  const [, stranger = '', visitor = ''] = signs;
  return `${signs}${stranger === 'g' ? visitor : stranger}${stranger}0`;
}

/** A request that fails for another reason, or changes nothing, once the caller was let in. */
export interface Probe {
  readonly right: Right;
  /** In place of the `*` of the route. */
  readonly rest?: string;
  readonly query?: string;
  readonly body?: object | string | ((repo: RepoRef) => object);
}

export const OID = 'a'.repeat(64);
export const TAKEN_NAME = 'somebody';
const TOO_MANY_ANSWERS = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`f${index}`, 'x']));
const COMMIT = ndjson([HEADER, { key: 'deletedFile', value: { path: 'nothing' } }]);
const batch = (operation: string, ref?: string) => ({
  operation,
  objects: [],
  ...(ref && { ref: { name: ref } }),
});

/** Routes of one repository: method and what follows its name. HEAD is as GET. */
export const REPO_ROUTES: Readonly<Record<string, readonly Probe[]>> = {
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
  'POST /discussions': [{ right: 'propose', body: { title: 'x', description: '', pullRequest: true } }],
  'GET /discussions': [{ right: 'read' }],
  'GET /discussions/:number': [{ right: 'read', rest: '1', query: '?diff=1' }],
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
export const BODY_ROUTES: Readonly<Record<string, Probe>> = {
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
export const ORG_ROUTES: Readonly<Record<string, { readonly signs: string; readonly body?: object }>> = {
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
export const OTHER_ROUTES = {
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
export const XET_ROUTES = {
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
export const XET_PREFIX = '/xet/:instance';
/** Where nothing is, whatever the method and the token. */
export const XET_NOTHING = `${XET_PREFIX}/*`;
