import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { type XetClaim, xetTokens } from '../../src/domain/xet/xet-tokens.ts';
import { apiUrl } from '../support/content.ts';
import type { RawRequest } from '../support/raw-http.ts';
import { forgedShard } from '../support/xet-forge.ts';
import { it, type Refusal, type Scene, type XetHostileWorld } from '../support/xet-hostile.ts';
import type { TestUser } from '../support/world.ts';
import { xorbFrom } from '../support/xet-pack.ts';

const SOON_MS = 60_000;
const INVALID = /Xet token is not valid/;
const MISSING = /Send the Xet token as `Authorization: Bearer …`/;

type Headers = readonly string[];

/** What a caller sends instead of a good token. */
interface TokenRow {
  readonly what: string;
  readonly status: number;
  readonly says: RegExp;
  /** Only uploads are refused. */
  readonly mayRead?: true;
  readonly headers: (scene: Scene, hostile: XetHostileWorld) => Headers | Promise<Headers>;
  /** Of the store. */
  readonly casPath?: string;
}

function bearer(token: string): Headers {
  return [`authorization: Bearer ${token}`];
}

/** A claim that is good but for what is given, signed by the hub. */
async function signed(
  { owner, repo }: Pick<Scene, 'owner' | 'repo'>,
  hostile: XetHostileWorld,
  claim: Partial<XetClaim> = {},
): Promise<string> {
  return hostile.hub.deps.xet.tokens.sign({ ...(await claimOf(owner, repo, hostile)), ...claim });
}

async function claimOf(owner: TestUser, repo: RepoRef, hostile: XetHostileWorld): Promise<XetClaim> {
  const { id: repoId } = await hostile.hub.services().access.requireFiles(owner.actor, repo);
  const userId = owner.actor.kind === 'user' ? owner.actor.id : null;
  return { userId, repoId, revision: 'main', scope: 'write', expiresAt: Date.now() + SOON_MS };
}

/** A good token whose claim was changed without a new signature. */
function tampered(token: string, change: Partial<XetClaim>): string {
  const [payload = '', signature = ''] = token.split('.');
  const claim = JSON.parse(Buffer.from(payload, 'base64url').toString()) as XetClaim;
  return `${Buffer.from(JSON.stringify({ ...claim, ...change })).toString('base64url')}.${signature}`;
}

/** A flipped bit in the middle of a text of base64url, which is base64url again. */
function scratched(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

/** What the hub signs for its URLs. */
function urlToken(href: string): string {
  return new URL(href).searchParams.get('token')!;
}

const forged: readonly TokenRow[] = [
  { what: 'no token', status: 401, says: MISSING, headers: () => [] },
  { what: 'an empty token', status: 401, says: MISSING, headers: () => ['authorization: Bearer '] },
  { what: 'an account token', status: 401, says: INVALID, headers: ({ owner }) => bearer(owner.token) },
  {
    what: 'the token by Basic',
    status: 401,
    says: MISSING,
    headers: ({ to, owner }) => [
      `authorization: Basic ${Buffer.from(`${owner.name}:${to.token}`).toString('base64')}`,
    ],
  },
  {
    what: 'the token without a scheme',
    status: 401,
    says: MISSING,
    headers: ({ to }) => [`authorization: ${to.token}`],
  },
  {
    what: 'the token in a cookie',
    status: 401,
    says: MISSING,
    headers: ({ to }) => [`cookie: token=${to.token}`],
  },
  {
    what: 'a tampered claim',
    status: 401,
    says: INVALID,
    headers: ({ to }) => bearer(tampered(to.token, { expiresAt: Date.now() + 1e9 })),
  },
  {
    what: "somebody else's id",
    status: 401,
    says: INVALID,
    headers: ({ to }) => bearer(tampered(to.token, { userId: 2 ** 31 - 2 })),
  },
  {
    what: 'a scope that was not given',
    status: 401,
    says: INVALID,
    headers: async (scene, hostile) =>
      bearer(tampered(await signed(scene, hostile, { scope: 'read' }), { scope: 'write' })),
  },
  {
    what: 'a tampered signature',
    status: 401,
    says: INVALID,
    headers: ({ to }) => bearer(scratched(to.token, to.token.length - 5)),
  },
  {
    what: 'no signature',
    status: 401,
    says: INVALID,
    headers: ({ to }) => bearer(`${to.token.split('.')[0]}.`),
  },
  {
    what: 'only a signature',
    status: 401,
    says: INVALID,
    headers: ({ to }) => bearer(`.${to.token.split('.')[1]}`),
  },
  {
    what: 'something after the signature',
    status: 401,
    says: INVALID,
    headers: ({ to }) => bearer(`${to.token}.x`),
  },
  {
    what: 'a token of another hub',
    status: 401,
    says: INVALID,
    headers: async ({ owner, repo }, hostile) =>
      bearer(xetTokens(randomBytes(32)).sign(await claimOf(owner, repo, hostile))),
  },
  {
    what: 'a very long token',
    status: 401,
    says: INVALID,
    headers: ({ to }) => bearer(to.token + 'A'.repeat(8000)),
  },
  {
    what: 'bytes that are no text',
    status: 401,
    says: INVALID,
    headers: () => bearer('\u00ff\u00fe.\u0080'),
  },
  {
    what: 'the token of a URL for a file',
    status: 401,
    says: INVALID,
    headers: ({ kept, keptFileId }, hostile) => {
      const { sha256 } = kept.objects[0]!;
      return bearer(urlToken(hostile.hub.deps.xet.urls.file({ sha256, fileId: keptFileId }, soon())));
    },
  },
  {
    what: 'the token of a URL for a xorb',
    status: 401,
    says: INVALID,
    headers: ({ keptXorb }, hostile) =>
      bearer(urlToken(hostile.hub.deps.xet.urls.xorb(keptXorb, [{ start: 0, end: 9 }], soon()))),
  },
];

const stale: readonly TokenRow[] = [
  {
    what: 'an expired token',
    status: 401,
    says: /Xet token has expired/,
    headers: async (scene, hostile) => bearer(await signed(scene, hostile, { expiresAt: Date.now() - 1 })),
  },
  {
    what: 'a token of a deleted repository',
    status: 404,
    says: /not found|does not exist/i,
    headers: async ({ owner }, hostile) => {
      const repo = await hostile.repo(owner);
      const { token } = await hostile.connect(owner, repo);
      await hostile.hub.services().repos.delete(owner.actor, repo);
      return bearer(token);
    },
  },
  {
    what: 'a token of a member who was removed',
    status: 404,
    says: /not found|does not exist/i,
    headers: async ({ owner }, hostile) => {
      const member = await hostile.user();
      const namespace = await hostile.org(owner, [{ user: member, role: 'admin' }]);
      const repo = await hostile.repo(owner, { namespace, isPrivate: true });
      const { token } = await hostile.connect(member, repo);
      await hostile.hub.services().orgs.removeMember(owner.actor, namespace, member.name);
      return bearer(token);
    },
  },
  {
    what: 'a token of a deactivated user',
    status: 401,
    says: /credentials/i,
    headers: async (_, hostile) => {
      const user = await hostile.user();
      const { token } = await hostile.connect(user, await hostile.repo(user));
      await deactivate(user, hostile);
      return bearer(token);
    },
  },
  {
    what: 'a token of a deleted user',
    status: 401,
    says: /credentials/i,
    headers: async (scene, hostile) => bearer(await signed(scene, hostile, { userId: 2 ** 31 - 2 })),
  },
  {
    what: 'a token of a reader whose repository became private',
    status: 404,
    says: /not found|does not exist/i,
    headers: async (_, hostile) => {
      const [owner, reader] = [await hostile.user(), await hostile.user()];
      const repo = await hostile.repo(owner);
      const { token } = await hostile.connect(reader, repo, { createsPullRequest: true });
      await hostile.hub.deps.sql.execute({
        text: 'update repo set is_private = true where name = $1',
        values: [repo.name],
      });
      return bearer(token);
    },
  },
  {
    what: 'a good token at another instance',
    status: 404,
    says: /belongs to other data of this hub/,
    casPath: '/xet/00000000-0000-4000-8000-000000000000',
    headers: ({ to }) => bearer(to.token),
  },
  {
    what: 'a token that only reads',
    status: 403,
    says: /only reads/,
    mayRead: true,
    headers: async (scene, hostile) => bearer(await signed(scene, hostile, { scope: 'read' })),
  },
  {
    what: 'a token of nobody',
    status: 403,
    says: /only reads/,
    mayRead: true,
    headers: async (scene, hostile) => bearer(await signed(scene, hostile, { userId: null, scope: 'write' })),
  },
];

async function deactivate({ name }: TestUser, hostile: XetHostileWorld): Promise<void> {
  await hostile.hub.deps.sql.execute({
    text: 'update account set is_active = false where name = $1',
    values: [name],
  });
}

function soon(): Date {
  return new Date(Date.now() + SOON_MS);
}

const NEW = xorbFrom([Buffer.from('A chunk that nobody has. '.repeat(9))]);

/** What uploads and what reads; each would be answered with a good token. */
function requests({ to, kept }: Scene, row: TokenRow, headers: Headers): readonly RawRequest[] {
  const base = row.casPath ?? to.casPath;
  const get = (path: string): RawRequest => ({ target: `${base}${path}`, headers });
  const post = (path: string, body: Buffer): RawRequest => ({
    method: 'POST',
    target: `${base}${path}`,
    headers,
    body,
  });
  const uploads = [
    post(`/v1/xorbs/default/${NEW.hash}`, NEW.body),
    post('/v1/shards', forgedShard()),
    post('/v2/shards', forgedShard()),
    post('/shards', forgedShard()),
  ];
  if (row.mayRead) return uploads;
  const file = kept.files[0]!.hash;
  const reads = ['/v1/reconstructions', '/v2/reconstructions', '/reconstructions', '/v1/chunks/default'];
  return [...uploads, ...reads.map((path) => get(`${path}/${file}`))];
}

describe('the store refuses', () => {
  it.for([...forged, ...stale])('$what', async (row, { hostile, scene }) => {
    const headers = await row.headers(scene, hostile);
    for (const request of requests(scene, row, headers)) {
      const refusal: Refusal = { ...row, request: () => request };
      expect([request.target, ...(await hostile.flaws(refusal, scene))]).toEqual([request.target]);
    }
  });

  it('a token longer than any header, and stays', async ({ hostile, scene }) => {
    const [request] = requests(scene, stale[0]!, bearer('A'.repeat(100_000)));
    expect((await hostile.send(request!)).status).toBe(431);
    expect((await hostile.send({ target: '/health' })).status).toBe(200);
  });
});

describe('a token of one repository', () => {
  it('does not open the file of another one of the same user', async ({ hostile, scene }) => {
    const { owner, kept, to } = scene;
    const { token } = await hostile.connect(owner, await hostile.repo(owner));
    const target = `${to.casPath}/v2/reconstructions/${kept.files[0]!.hash}`;
    const refusal = {
      what: 'a file of another repository',
      status: 404,
      says: /repository of this Xet token has no such file/,
      request: () => ({ target, headers: bearer(token) }),
    };
    expect(await hostile.flaws(refusal, scene)).toEqual([]);
    expect((await hostile.send({ target, headers: bearer(to.token) })).status).toBe(200);
  });
});

describe('no Xet token is given', () => {
  const cases = [
    { what: 'to upload, to nobody', who: 'nobody', scope: 'write', status: 401 },
    { what: 'to upload, to a stranger', who: 'stranger', scope: 'write', status: 403 },
    { what: 'to upload, for an account token that reads', who: 'reader', scope: 'write', status: 403 },
    {
      what: 'to upload for a pull request, for an account token that reads',
      who: 'reader',
      scope: 'write',
      query: '?create_pr=1',
      status: 403,
    },
    {
      what: 'to read a hidden repository, to nobody',
      who: 'nobody',
      scope: 'read',
      isHidden: true,
      status: 404,
    },
    {
      what: 'to read a hidden repository, to a stranger',
      who: 'stranger',
      scope: 'read',
      isHidden: true,
      status: 404,
    },
    {
      what: 'to upload to a hidden repository for a pull request, to a stranger',
      who: 'stranger',
      scope: 'write',
      isHidden: true,
      query: '?create_pr=1',
      status: 404,
    },
  ] as const satisfies readonly object[];

  it.for<{ what: string; who: string; scope: string; status: number; isHidden?: true; query?: string }>(
    cases,
  )('$what', async ({ who, scope, isHidden, query = '', status }, { hostile, scene }) => {
    const stranger = await hostile.user();
    const callers: Record<string, TestUser | null> = {
      nobody: null,
      stranger,
      reader: await hostile.readToken(scene.owner),
    };
    const api = apiUrl(isHidden ? scene.hiddenRepo : scene.repo);
    const before = await hostile.kept();
    const answer = await hostile.read(callers[who]!, `${api}/xet-${scope}-token/main${query}`);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['x-xet-access-token']).toBeUndefined();
    expect(await hostile.kept()).toEqual(before);
  });
});
