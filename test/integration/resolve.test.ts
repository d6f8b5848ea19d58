import { describe, expect } from 'vitest';
import { apiUrl, type ContentWorld, fileLine, HEADER, it, ndjson, webUrl } from '../support/content.ts';

/** `printf hello | git hash-object --stdin` */
const HELLO_OID = 'b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0';

async function sample(content: ContentWorld, options: Parameters<ContentWorld['repo']>[1] = {}) {
  const owner = await content.user();
  const repo = await content.repo(owner, options);
  const object = content.object(5000);
  await content.commitLines(owner, repo, fileLine('a.txt', 'hello'), fileLine('dir/x', 'x'));
  await content.commitLfs(owner, repo, 'model.bin', object);
  return { owner, repo, object, head: await content.headOf(owner, repo), url: `${webUrl(repo)}/resolve` };
}

describe('HEAD resolve', () => {
  it('describes a regular file without a redirect', async ({ content }) => {
    const { url, head } = await sample(content);
    const answer = await content.head(null, `${url}/main/a.txt`);
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    expect(answer.headers).toMatchObject({
      'x-repo-commit': head,
      etag: `"${HELLO_OID}"`,
      'content-length': '5',
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'inline; filename=a.txt',
      'accept-ranges': 'bytes',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers).not.toHaveProperty('x-linked-etag');
    expect(answer.headers).not.toHaveProperty('location');
  });

  it('describes an LFS file by its SHA-256 and real size', async ({ content }) => {
    const { url, object } = await sample(content);
    const answer = await content.head(null, `${url}/main/model.bin`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      etag: `"${object.sha256}"`,
      'x-linked-etag': `"${object.sha256}"`,
      'x-linked-size': '5000',
      'content-length': '5000',
      'content-disposition': 'attachment; filename=model.bin',
    });
    expect(answer.headers).not.toHaveProperty('location');
  });

  it('works for every type and spelling of the path', async ({ content }) => {
    for (const type of ['model', 'dataset', 'space'] as const) {
      const { repo, head } = await sample(content, { type });
      const urls = [webUrl(repo), apiUrl(repo), apiUrl(repo).replace('/api', '')].map(
        (base) => `${base}/resolve/main/a.txt`,
      );
      for (const url of urls) expect((await content.head(null, url)).headers['x-repo-commit']).toBe(head);
    }
  });

  it('names the error in headers, and the commit of a missing file', async ({ content }) => {
    const { owner, repo, url, head } = await sample(content);
    const missing = await content.head(null, `${url}/main/no`);
    expect([missing.statusCode, missing.headers['x-error-code'], missing.headers['x-repo-commit']]).toEqual([
      404,
      'EntryNotFound',
      head,
    ]);
    expect(missing.headers['x-error-message']).toContain('no');
    expect(missing.headers['x-request-id']).toBeTruthy();
    const others = [
      ['main/dir', 'EntryNotFound'],
      ['main/', 'EntryNotFound'],
      ['main/a.txt/b', 'EntryNotFound'],
      ['main/..%2F..%2Fa.txt', 'EntryNotFound'],
      ['nope/a.txt', 'RevisionNotFound'],
      [`${'0'.repeat(40)}/a.txt`, 'RevisionNotFound'],
    ];
    for (const [path, code] of others) {
      const answer = await content.head(owner, `${url}/${path}`);
      expect([path, answer.statusCode, answer.headers['x-error-code']]).toEqual([path, 404, code]);
    }
    const gone = await content.head(null, `${webUrl({ ...repo, name: 'no-such' })}/resolve/main/a.txt`);
    expect([gone.statusCode, gone.headers['x-error-code']]).toEqual([404, 'RepoNotFound']);
  });
});

describe('revisions and names in the URL', () => {
  it('round-trip', async ({ content }) => {
    const { owner, repo, url, head } = await sample(content);
    const names = ['a b/c#d?.txt', '100% of: it, yes.txt', 'ünï/文件.txt', '+plus&and=.txt', 'quote\'".txt'];
    await content.commitLines(owner, repo, ...names.map((name) => fileLine(name, name)));
    await content.postJson(owner, `${apiUrl(repo)}/branch/feat%2Fx`, {});
    await content.postJson(owner, `${apiUrl(repo)}/tag/${head}`, { tag: 'v1' });
    await content.sendCommit(owner, repo, ndjson([HEADER, fileLine('in-pr')]), {
      revision: 'main?create_pr=1',
    });
    for (const name of names) {
      const path = name.split('/').map(encodeURIComponent).join('/');
      for (const spelling of [path, encodeURIComponent(name)]) {
        const answer = await content.read(null, `${url}/feat%2Fx/${spelling}`);
        expect([answer.statusCode, answer.body]).toEqual([200, name]);
      }
    }
    for (const revision of [
      'v1',
      head,
      head.slice(0, 7),
      'refs%2Fheads%2Fmain',
      'refs%2Fpr%2F1',
      'refs/pr/1',
    ]) {
      expect([revision, (await content.read(null, `${url}/${revision}/a.txt`)).body]).toEqual([
        revision,
        'hello',
      ]);
    }
    const disposition = await content.head(null, `${url}/main/${encodeURIComponent('ünï/文件.txt')}`);
    expect(disposition.headers['content-disposition']).toContain("filename*=UTF-8''%E6%96%87%E4%BB%B6.txt");
  });
});

describe('a moved repository', () => {
  it('answers with a relative redirect that keeps the rest of the URL', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    const name = content.name('moved');
    await content.hub.services().repos.move(owner.actor, repo, { namespace: repo.namespace, name });
    const answer = await content.head(null, `${url}/feat%2Fx/a%20b.txt?download=true`);
    expect([answer.statusCode, answer.headers['location']]).toEqual([
      307,
      `/${repo.namespace}/${name}/resolve/feat%2Fx/a%20b.txt?download=true`,
    ]);
    const tree = await content.read(null, `${apiUrl(repo)}/tree/main?recursive=true`);
    expect(tree.headers['location']).toBe(`${apiUrl({ ...repo, name })}/tree/main?recursive=true`);
    const commit = await content.commitLines(owner, repo, fileLine('b'));
    expect([commit.statusCode, commit.headers['location']]).toEqual([
      307,
      `${apiUrl({ ...repo, name })}/commit/main`,
    ]);
  });
});

describe('GET resolve', () => {
  it('streams regular and LFS files', async ({ content }) => {
    const { url, object, repo } = await sample(content);
    const small = await content.read(null, `${url}/main/a.txt`);
    expect([small.statusCode, small.body, small.headers['content-length']]).toEqual([200, 'hello', '5']);
    const large = await content.read(null, `${url}/main/model.bin`);
    expect(large.rawPayload.equals(object.bytes)).toBe(true);
    expect(large.headers).toMatchObject({
      'content-length': '5000',
      etag: `"${object.sha256}"`,
      'x-linked-size': '5000',
    });
    expect((await content.read(null, `${webUrl(repo)}/raw/main/a.txt`)).body).toBe('hello');
  });

  it('gives the pointer of an LFS file as raw', async ({ content }) => {
    const { repo, object, owner } = await sample(content);
    const url = `${webUrl(repo)}/raw/main/model.bin`;
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${object.sha256}\nsize 5000\n`;
    const [item] = (
      await content.postJson(owner, `${apiUrl(repo)}/paths-info/main`, { paths: ['model.bin'] })
    ).json<{ oid: string }[]>();
    const head = await content.head(null, url);
    expect(head.headers).toMatchObject({ 'content-length': String(pointer.length), etag: `"${item?.oid}"` });
    expect(head.headers).not.toHaveProperty('x-linked-etag');
    const whole = await content.read(null, url);
    expect([whole.statusCode, whole.body]).toEqual([200, pointer]);
    const part = await content.read(null, url, { range: 'bytes=0-6' });
    expect([part.statusCode, part.body]).toEqual([206, 'version']);
  });

  it('serves ranges of both', async ({ content }) => {
    const { url, object } = await sample(content);
    for (const [path, bytes] of [
      ['a.txt', Buffer.from('hello')],
      ['model.bin', object.bytes],
    ] as const) {
      const size = bytes.length;
      for (const [range, start, end] of [
        ['bytes=1-3', 1, 4],
        ['bytes=2-', 2, size],
        ['bytes=-2', size - 2, size],
        ['bytes=0-999999', 0, size],
      ] as const) {
        const part = await content.read(null, `${url}/main/${path}`, { range });
        expect(part.statusCode).toBe(206);
        expect(part.headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`);
        expect(part.rawPayload.equals(bytes.subarray(start, end))).toBe(true);
      }
      const beyond = await content.read(null, `${url}/main/${path}`, { range: `bytes=${size}-` });
      expect([beyond.statusCode, beyond.headers['content-range']]).toEqual([416, `bytes */${size}`]);
      expect(beyond.headers['cache-control']).toBe('private, no-cache');
      const changed = await content.read(null, `${url}/main/${path}`, {
        range: 'bytes=1-3',
        'if-range': '"other"',
      });
      expect(changed.statusCode).toBe(200);
    }
  });

  it('answers 304 when the client has the file', async ({ content }) => {
    const { url, head } = await sample(content);
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await content.request(null, {
        method,
        url: `${url}/main/a.txt`,
        headers: { 'if-none-match': `W/"${HELLO_OID}"` },
      });
      expect([answer.statusCode, answer.body, answer.headers['x-repo-commit']]).toEqual([304, '', head]);
    }
  });

  it('lets nobody keep what is not public, and everybody what never changes', async ({ content }) => {
    const { url, head } = await sample(content);
    const cache = async (path: string) => (await content.read(null, path)).headers['cache-control'];
    expect(await cache(`${url}/${head}/a.txt`)).toBe('public, max-age=31536000, s-maxage=300, immutable');
    expect(await cache(`${url}/${head.slice(0, 8)}/a.txt`)).toBe('no-cache');
    const hidden = await sample(content, { isPrivate: true });
    const secret = await content.read(hidden.owner, `${hidden.url}/${hidden.head}/a.txt`);
    expect(secret.headers['cache-control']).toBe('private, no-cache');
  });

  it('never lets a browser run a file', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    const types: [string, string, string][] = [
      ['a.html', 'text/plain; charset=utf-8', 'inline'],
      ['a.svg', 'text/plain; charset=utf-8', 'inline'],
      ['a.xml', 'text/plain; charset=utf-8', 'inline'],
      ['a.xhtml', 'text/plain; charset=utf-8', 'inline'],
      ['a.js', 'text/plain; charset=utf-8', 'inline'],
      ['a.md', 'text/plain; charset=utf-8', 'inline'],
      ['a.json', 'application/json', 'inline'],
      ['a.jpg', 'image/jpeg', 'inline'],
      ['a.unknown', 'application/octet-stream', 'attachment'],
    ];
    await content.commitLines(owner, repo, ...types.map(([path]) => fileLine(path)));
    for (const [path, type, disposition] of types) {
      const { headers } = await content.read(null, `${url}/main/${path}`);
      expect([path, headers['content-type'], String(headers['content-disposition']).split(';')[0]]).toEqual([
        path,
        type,
        disposition,
      ]);
      expect(headers['content-security-policy']).toBe("default-src 'none'; sandbox");
      const saved = await content.read(null, `${url}/main/${path}?download=true`);
      expect(saved.headers['content-disposition']).toContain('attachment');
    }
  });
});

describe('who may download', () => {
  it('nobody else from a private repository', async ({ content }) => {
    const { owner, url } = await sample(content, { isPrivate: true });
    const stranger = await content.user();
    expect((await content.read(owner, `${url}/main/a.txt`)).statusCode).toBe(200);
    for (const user of [null, stranger]) {
      const answer = await content.head(user, `${url}/main/a.txt`);
      expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([404, 'RepoNotFound']);
    }
  });

  it('only its people from a gated one; the text is in the headers', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    await content.hub.deps.sql.execute({
      text: `update repo set gated = 'auto' where name = $1`,
      values: [repo.name],
    });
    const answer = await content.head(null, `${url}/main/a.txt`);
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([403, 'GatedRepo']);
    expect(answer.headers['x-error-message']).toContain('is restricted');
    const own = await content.read(owner, `${url}/main/a.txt`);
    expect([own.statusCode, own.headers['cache-control']]).toEqual([200, 'private, no-cache']);
    expect((await content.read(null, `${apiUrl(repo)}/tree/main`)).statusCode).toBe(200);
  });

  it('nobody from a disabled one', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    await content.hub.deps.sql.execute({
      text: 'update repo set is_disabled = true where name = $1',
      values: [repo.name],
    });
    const answer = await content.head(owner, `${url}/main/a.txt`);
    expect([answer.statusCode, answer.headers['x-error-message']]).toEqual([
      403,
      'Access to this resource is disabled.',
    ]);
  });
});
