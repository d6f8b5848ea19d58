import { expect } from 'vitest';
import { VERSION } from '../../src/version.ts';
import { it } from '../support/content.ts';

const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;
const NUMBER = expect.any(Number) as unknown;
const done = { success: true, message: expect.any(String) as unknown };

it('the server tells what it is and how it is', async ({ content }) => {
  const answers: Record<string, object> = {
    '/': {
      name: 'Kohaku Hub',
      version: VERSION,
      description: 'A self-hosted Hugging Face Hub',
      endpoints: {
        api: '/api',
        auth: '/api/auth',
        docs: '/docs',
        openapi: '/openapi.json',
        health: '/health',
      },
    },
    '/health': {
      status: 'ok',
      dependencies: ['database', 'storage'].map((name) => ({ name, status: 'ok', latency_ms: NUMBER })),
    },
  };
  for (const [url, expected] of Object.entries(answers)) {
    const answer = await content.read(null, url);
    expect.soft([url, answer.statusCode, answer.json()]).toEqual([url, 200, expected]);
  }
});

/** Method, URL after that of the repository, body, and what comes back. */
type Step = readonly [
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body: object | null,
  answer: unknown,
];

it('endpoints that change a repository answer with these fields, in the spelling of the specification', async ({
  content,
}) => {
  const user = await content.user();
  const repo = await content.repo(user);
  const sha = await content.commit(user, repo, { 'a.txt': 'a' });
  const [id, moved] = [`${user.name}/${repo.name}`, `${user.name}/${repo.name}-2`];
  const quota = {
    repo_id: id,
    repo_type: 'model',
    namespace: user.name,
    quota_bytes: null,
    used_bytes: NUMBER,
    available_bytes: null,
    percentage_used: null,
    effective_quota_bytes: null,
    namespace_quota_bytes: null,
    namespace_used_bytes: NUMBER,
    namespace_available_bytes: null,
    is_inheriting: true,
  };
  const steps: readonly Step[] = [
    [
      'POST',
      `/api/models/${id}/preupload/main`,
      { files: [{ path: 'new.bin', size: 1, sha256: 'a'.repeat(64) }] },
      { commitOid: sha, files: [{ path: 'new.bin', uploadMode: 'lfs', shouldIgnore: false }] },
    ],
    ['POST', `/models/${id}/branch`, { branch: 'dev' }, done],
    ['DELETE', `/models/${id}/branch/dev`, null, done],
    ['POST', `/models/${id}/tag`, { tag: 'v1', message: 'First' }, done],
    ['DELETE', `/models/${id}/tag/v1`, null, done],
    ['PUT', `/models/${id}/settings`, { lfs_keep_versions: 10 }, done],
    ['PUT', `/api/users/${user.name}/settings`, { full_name: 'Ann' }, done],
    ['GET', `/api/quota/repo/model/${id}`, null, quota],
    ['POST', `/api/quota/repo/model/${id}/recalculate`, null, quota],
    [
      'PUT',
      `/api/quota/repo/model/${id}`,
      { quota_bytes: 10_000 },
      {
        ...quota,
        quota_bytes: 10_000,
        available_bytes: NUMBER,
        percentage_used: NUMBER,
        effective_quota_bytes: 10_000,
        is_inheriting: false,
      },
    ],
    [
      'GET',
      `/api/users/${user.name}/repos`,
      null,
      {
        models: [
          {
            _id: expect.stringMatching(/^[0-9a-f]{24}$/) as unknown,
            id,
            modelId: id,
            author: user.name,
            sha,
            lastModified: DATE,
            createdAt: DATE,
            private: false,
            gated: false,
            disabled: false,
            downloads: 0,
            likes: 0,
            trendingScore: 0,
            tags: [],
          },
        ],
        datasets: [],
        spaces: [],
      },
    ],
    [
      'POST',
      '/api/repos/move',
      { fromRepo: id, toRepo: moved, type: 'model' },
      { ...done, url: `http://hub.test/${moved}` },
    ],
    ['DELETE', '/api/repos/delete', { name: moved, type: 'model' }, done],
  ];
  for (const [method, url, body, expected] of steps) {
    const answer = await content.request(user, { method, url, ...(body && { payload: body }) });
    expect.soft([url, answer.statusCode, answer.json()]).toEqual([url, 200, expected]);
  }
});

it('HEAD of a repository names its default branch', async ({ content }) => {
  const user = await content.user();
  const repo = await content.repo(user);
  const head = await content.read(null, `/${user.name}/${repo.name}.git/HEAD`);
  expect([head.statusCode, head.body]).toEqual([200, 'ref: refs/heads/main\n']);
});

it('namespace limits and usage are answered alike by PUT and recalculate', async ({ content }) => {
  const [user, admin] = [await content.user(), await content.admin()];
  const expected = {
    namespace: user.name,
    is_organization: false,
    quota_bytes: 30,
    used_bytes: 0,
    available_bytes: 30,
    percentage_used: 0,
    private_quota_bytes: 10,
    private_used_bytes: 0,
    public_quota_bytes: 20,
    public_used_bytes: 0,
  };
  const limits = { private_quota_bytes: 10, public_quota_bytes: 20 };
  const url = `/api/quota/${user.name}`;
  const set = await content.request(admin, { method: 'PUT', url, payload: limits });
  expect([set.statusCode, set.json()]).toEqual([200, expected]);
  const counted = await content.postJson(user, `${url}/recalculate`, {});
  expect([counted.statusCode, counted.json()]).toEqual([200, expected]);
});
