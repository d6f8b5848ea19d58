import { describe, expect } from 'vitest';
import { apiUrl, type ContentWorld, fileLine, HEADER, it, ndjson } from '../support/content.ts';
import { localPath } from '../support/lfs-world.ts';

interface Item {
  readonly type: string;
  readonly path: string;
  readonly size: number;
  readonly oid: string;
}

async function sample(content: ContentWorld) {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const object = content.object();
  await content.commitLines(
    owner,
    repo,
    fileLine('a.txt', 'hello'),
    fileLine('dir/b c#?%,:.txt'),
    fileLine('dir/sub/d.txt'),
  );
  await content.commitLfs(owner, repo, 'model.bin', object);
  return { owner, repo, object, url: `${apiUrl(repo)}/tree` };
}

describe('GET tree', () => {
  it('lists a folder with the fields that huggingface_hub reads', async ({ content }) => {
    const { url, object } = await sample(content);
    const items = (await content.read(null, `${url}/main?recursive=false&expand=false`)).json<Item[]>();
    expect(items.map((item) => item.path)).toEqual(['dir', '.gitattributes', 'a.txt', 'model.bin']);
    expect(items[0]).toEqual({
      type: 'directory',
      path: 'dir',
      size: 0,
      oid: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    // `printf hello | git hash-object --stdin`
    expect(items[2]).toEqual({
      type: 'file',
      path: 'a.txt',
      size: 5,
      oid: 'b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0',
    });
    expect(items[3]).toEqual({
      type: 'file',
      path: 'model.bin',
      size: object.bytes.length,
      oid: expect.stringMatching(/^[0-9a-f]{40}$/),
      lfs: { oid: object.sha256, size: object.bytes.length, pointerSize: expect.any(Number) },
    });
  });

  it('lists everything with recursive, files and folders', async ({ content }) => {
    const { url } = await sample(content);
    const items = (await content.read(null, `${url}/main?recursive=true`)).json<Item[]>();
    expect(items.map((item) => `${item.type} ${item.path}`).toSorted()).toEqual([
      'directory dir',
      'directory dir/sub',
      'file .gitattributes',
      'file a.txt',
      'file dir/b c#?%,:.txt',
      'file dir/sub/d.txt',
      'file model.bin',
    ]);
  });

  it('adds the last commit, and only that, with expand', async ({ content }) => {
    const { url } = await sample(content);
    for (const item of (await content.read(null, `${url}/main?expand=true`)).json<Item[]>()) {
      expect(item).toHaveProperty('lastCommit', {
        id: expect.stringMatching(/^[0-9a-f]{40}$/),
        title: expect.any(String),
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
      expect(item).not.toHaveProperty('securityFileStatus');
    }
  });

  it('takes slashes of paths and revisions encoded or plain', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    await content.postJson(owner, `${apiUrl(repo)}/branch/feat%2Fx`, {});
    await content.sendCommit(owner, repo, ndjson([HEADER, fileLine('in-pr')]), {
      revision: 'main?create_pr=1',
    });
    for (const path of [
      'main/dir%2Fsub',
      'main/dir/sub',
      'feat%2Fx/dir%2Fsub',
      'main/dir/sub/',
      'refs%2Fpr%2F1/dir%2Fsub',
      'refs/pr/1/dir/sub',
    ]) {
      const answer = await content.read(null, `${url}/${path}`);
      expect([path, answer.json<Item[]>().map((item) => item.path)]).toEqual([path, ['dir/sub/d.txt']]);
    }
  });

  it('pages with an absolute Link that keeps the query', async ({ content }) => {
    const { url } = await sample(content);
    const whole = (await content.read(null, `${url}/main?recursive=true&expand=true`)).json<Item[]>();
    const seen: Item[] = [];
    let next: string | undefined = `${url}/main?recursive=true&expand=true&limit=2`;
    while (next) {
      const page = await content.read(null, next);
      expect(page.json<Item[]>().length).toBeLessThanOrEqual(2);
      seen.push(...page.json<Item[]>());
      const link = page.headers['link'] as string | undefined;
      const target = link && /^<(http:\/\/hub\.test\/[^>]+)>; rel="next"$/.exec(link)?.[1];
      expect(Boolean(target)).toBe(Boolean(link));
      next = target && localPath(target);
    }
    expect(seen).toEqual(whole);
  });

  it.for([
    ['a missing folder', 'main/nope', 404, 'EntryNotFound'],
    ['a file', 'main/a.txt', 404, 'EntryNotFound'],
    ['a missing revision', 'nope', 404, 'RevisionNotFound'],
    ['a foreign cursor', 'main?cursor=abc', 400, 'BadRequest'],
    ['limit 0', 'main?limit=0', 400, 'BadRequest'],
    ['no boolean', 'main?recursive=maybe', 400, 'BadRequest'],
    ['broken percent-encoding', 'main/%ff', 400, 'BadRequest'],
  ] as const)('refuses %s', async ([, path, status, code], { content }) => {
    const { url } = await sample(content);
    const answer = await content.read(null, `${url}/${path}`);
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([status, code]);
  });

  it('hides private repositories', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner, { isPrivate: true });
    expect((await content.read(owner, `${apiUrl(repo)}/tree/main`)).statusCode).toBe(200);
    const hidden = await content.read(null, `${apiUrl(repo)}/tree/main`);
    expect([hidden.statusCode, hidden.headers['x-error-code']]).toEqual([404, 'RepoNotFound']);
  });
});
