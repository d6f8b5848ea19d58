import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl, type ContentWorld, fileLine, HEADER, it as base, ndjson } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';

/** `draft`: pull request 1 of a repository of `owner`, opened by `reader`. */
const it = base.extend('draft', async ({ content }) => {
  const [owner, reader] = await Promise.all([content.user(), content.user()]);
  const repo = await content.repo(owner);
  await content.commit(owner, repo, { 'a.txt': 'one\n' });
  const body = { title: ' An idea ', description: 'Because.', pullRequest: true };
  const answer = await content.postJson(reader, `${apiUrl(repo)}/discussions`, body);
  if (answer.statusCode !== 200) throw new Error(`discussions: ${answer.statusCode} ${answer.body}`);
  return { owner, reader, repo };
});

const find = async (content: ContentWorld, user: TestUser | null, repo: RepoRef, rest = '1?diff=1') =>
  content.read(user, `${apiUrl(repo)}/discussions/${rest}`);

async function commitTo(content: ContentWorld, user: TestUser, repo: RepoRef, text: string): Promise<string> {
  const commit = ndjson([HEADER, fileLine('a.txt', text)]);
  const answer = await content.sendCommit(user, repo, commit, { revision: 'refs%2Fpr%2F1' });
  expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  return answer.json<{ commitOid: string }>().commitOid;
}

describe('a pull request that begins empty', () => {
  it('is a draft at the head of main, with its description', async ({ content, draft }) => {
    const { owner, reader, repo } = draft;
    const found = await find(content, null, repo);
    expect(found.json()).toEqual({
      num: 1,
      title: 'An idea',
      status: 'draft',
      isPullRequest: true,
      createdAt: expect.stringMatching(/Z$/),
      author: { name: reader.name },
      repo: { name: `${repo.namespace}/${repo.name}`, type: 'model' },
      changes: { base: 'refs/heads/main' },
      filesWithConflicts: [],
      events: [
        {
          id: expect.any(String),
          type: 'comment',
          createdAt: expect.stringMatching(/Z$/),
          author: { name: reader.name },
          data: {
            edited: false,
            hidden: false,
            latest: {
              raw: 'Because.',
              updatedAt: expect.stringMatching(/Z$/),
              author: { name: reader.name },
            },
          },
        },
      ],
      diff: '',
    });
    expect((await find(content, null, repo)).body).toBe(found.body);
    expect(await content.headOf(owner, repo, 'refs/pr/1')).toBe(await content.headOf(owner, repo));
  });

  it('takes commits of its author, and shows them with what they change', async ({ content, draft }) => {
    const { owner, reader, repo } = draft;
    const head = await content.headOf(owner, repo);
    const oid = await commitTo(content, reader, repo, 'two\n');
    const found = (await find(content, owner, repo)).json();
    expect(found.status).toBe('draft');
    expect(found.events[1]).toMatchObject({ type: 'commit', data: { oid, subject: 'Change files' } });
    expect(found.diff).toContain('-one\n+two\n');
    expect(found.filesWithConflicts).toEqual([]);
    expect((await find(content, owner, repo, '1')).json()).not.toHaveProperty('diff');
    expect(await content.headOf(owner, repo)).toBe(head);
  });

  it('names the files that main changed as well', async ({ content, draft }) => {
    const { owner, reader, repo } = draft;
    await commitTo(content, reader, repo, 'two\n');
    await content.commit(owner, repo, { 'a.txt': 'three\n', 'b.txt': 'b' });
    expect((await find(content, owner, repo)).json().filesWithConflicts).toEqual(['a.txt']);
  });

  it('shares the numbers of those that a commit opens', async ({ content, draft }) => {
    const { reader, repo } = draft;
    const commit = ndjson([HEADER, fileLine('c.txt')]);
    const opened = await content.sendCommit(reader, repo, commit, { revision: 'main?create_pr=1' });
    expect(opened.json<{ pullRequestUrl: string }>().pullRequestUrl).toMatch(/\/discussions\/2$/);
    expect((await find(content, reader, repo, '2')).json()).toMatchObject({ num: 2, status: 'open' });
  });

  it('shows no contents before the gate', async ({ content, draft, hub }) => {
    const { owner, reader, repo } = draft;
    await commitTo(content, reader, repo, 'two\n');
    await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
    const stranger = (await find(content, await content.user(), repo)).json();
    expect(stranger).not.toHaveProperty('diff');
    expect(stranger.num).toBe(1);
    expect((await find(content, owner, repo)).json().diff).toContain('+two');
  });

  it('forgets the name of an account that is gone', async ({ content, draft, hub }) => {
    const { reader, repo } = draft;
    await hub.deps.sql.execute({ text: 'delete from account where name = $1', values: [reader.name] });
    const found = (await find(content, null, repo)).json();
    expect(found).not.toHaveProperty('author');
    expect(found.events[0]).not.toHaveProperty('author');
  });
});

async function list(content: ContentWorld, repo: RepoRef, query = '') {
  const answer = await content.read(null, `${apiUrl(repo)}/discussions${query}`);
  return answer.json<{ count: number; start: number; discussions: { num: number; status: string }[] }>();
}

describe('the list of pull requests', () => {
  it('has them newest first, by state and author', async ({ content, draft, hub }) => {
    const { owner, reader, repo } = draft;
    const commit = ndjson([HEADER, fileLine('c.txt')]);
    for (const user of [owner, owner])
      await content.sendCommit(user, repo, commit, { revision: 'main?create_pr=1' });
    await hub.deps.sql.execute({
      text: `
        update discussion set status = 'merged'
        where number = 2 and repo_id = (select id from repo where name = $1)`,
      values: [repo.name],
    });
    const numbers = async (query: string) =>
      (await list(content, repo, query)).discussions.map(({ num }) => num);
    const all = await list(content, repo);
    expect([all.count, all.start]).toEqual([3, 0]);
    expect(all.discussions.map(({ num, status }) => [num, status])).toEqual([
      [3, 'open'],
      [2, 'merged'],
      [1, 'draft'],
    ]);
    expect(all.discussions[2]).toEqual({
      num: 1,
      title: 'An idea',
      status: 'draft',
      isPullRequest: true,
      createdAt: expect.stringMatching(/Z$/),
      author: { name: reader.name },
      repo: { name: `${repo.namespace}/${repo.name}`, type: 'model' },
    });
    expect(await numbers('?status=open&type=pull_request')).toEqual([3, 1]);
    expect(await numbers('?status=closed')).toEqual([2]);
    expect(await numbers(`?author=${reader.name.toUpperCase()}`)).toEqual([1]);
    for (const query of ['?author=nobody', '?author=%00', '?type=discussion', '?p=7']) {
      const { discussions, count, start } = await list(content, repo, query);
      // Clients ask for the next page while these are fewer than the count.
      expect([query, discussions, start + discussions.length >= count]).toEqual([query, [], true]);
    }
    for (const query of ['?p=-1', '?status=merged', '?type=issue'])
      expect((await content.read(null, `${apiUrl(repo)}/discussions${query}`)).statusCode).toBe(400);
  });

  it('goes on over pages', async ({ content, draft, hub }) => {
    const { repo } = draft;
    await hub.deps.sql.execute({
      text: `
        insert into discussion (repo_id, number, title, is_pull_request, status, base_ref)
        select id, n, 'One of many', true, 'open', 'refs/heads/main' from repo, generate_series(2, 60) n where name = $1`,
      values: [repo.name],
    });
    const second = await list(content, repo, '?p=1');
    expect([second.count, second.start]).toEqual([60, 50]);
    expect(second.discussions.map(({ num }) => num)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(second.discussions[0]).not.toHaveProperty('author');
  });
});

describe('opening a pull request is refused', () => {
  it('without a login, with a token that reads, and to strangers of a hidden repository', async ({
    content,
  }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const hidden = await content.repo(owner, { isPrivate: true });
    const stranger = await content.user();
    const readOnly = await content.readToken(owner);
    const body = { title: 'An idea', pullRequest: true };
    const open = async (user: TestUser | null, at: RepoRef) =>
      (await content.postJson(user, `${apiUrl(at)}/discussions`, body)).headers['x-error-code'];
    expect(await open(null, repo)).toBe('Unauthenticated');
    expect(await open(readOnly, repo)).toBe('Forbidden');
    expect(await open(stranger, hidden)).toBe('RepoNotFound');
    expect(await open(stranger, { ...hidden, name: 'missing' })).toBe('RepoNotFound');
    expect((await find(content, stranger, hidden)).headers['x-error-code']).toBe('RepoNotFound');
    expect((await find(content, owner, hidden)).headers['x-error-code']).toBe('NotFound');
  });

  it.for([
    { title: 'ab' },
    { title: ' a ' },
    { title: 'x'.repeat(201) },
    { title: 'a\0b' },
    { title: 'An idea', description: '\0' },
    { title: 'An idea', description: 'x'.repeat(100_001) },
    { description: 'No title' },
  ])('for bad texts, and takes no number %#', async (texts, { content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const open = (body: object) =>
      content.postJson(owner, `${apiUrl(repo)}/discussions`, { pullRequest: true, ...body });
    expect((await open(texts)).statusCode).toBe(400);
    expect((await open({ title: 'An idea' })).json()).toEqual({ num: 1 });
  });

  it('for what is no pull request, and for numbers that nothing has', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const discussion = await content.postJson(owner, `${apiUrl(repo)}/discussions`, { title: 'A question' });
    expect([discussion.statusCode, discussion.headers['x-error-code']]).toEqual([501, 'NotImplemented']);
    expect((await find(content, owner, repo, '7')).statusCode).toBe(404);
    for (const number of ['0', '-1', 'x', '99999999999', '1.5'])
      expect((await find(content, owner, repo, number)).statusCode).toBe(400);
  });
});
