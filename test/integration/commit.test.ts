import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { apiUrl, fileLine, HEADER, it, lfsLine, ndjson, webUrl } from '../support/content.ts';

const header = (value: Record<string, unknown>) => ({ key: 'header', value: { ...HEADER.value, ...value } });

describe('POST commit', () => {
  it('applies every kind of operation and answers with absolute URLs', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const object = content.object();
    await content.upload(owner, repo, object);
    await content.commitLines(
      owner,
      repo,
      fileLine('old/a'),
      fileLine('old/b'),
      fileLine('gone'),
      fileLine('kept', 'kept'),
    );
    const answer = await content.commitLines(
      owner,
      repo,
      fileLine('dir/a.txt', 'hello'),
      { key: 'file', value: { path: 'text', content: 'hé', encoding: 'utf-8' } },
      lfsLine('model.bin', object),
      { key: 'deletedFile', value: { path: 'gone' } },
      { key: 'deletedFolder', value: { path: 'old/' } },
      { key: 'copyFile', value: { path: 'copy', srcPath: 'kept', srcRevision: 'main' } },
    );
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
    const { commitOid } = answer.json<{ commitOid: string }>();
    expect(commitOid).toMatch(/^[0-9a-f]{40}$/);
    expect(answer.json()).toEqual({
      success: true,
      commitOid,
      commitUrl: `http://hub.test${webUrl(repo)}/commit/${commitOid}`,
      hookOutput: '',
    });
    const tree = await content.read(owner, `${apiUrl(repo)}/tree/main?recursive=true`);
    expect(tree.json<{ path: string }[]>().map((item) => item.path)).toEqual([
      'dir',
      'dir/a.txt',
      '.gitattributes',
      'copy',
      'kept',
      'model.bin',
      'text',
    ]);
    expect((await content.read(owner, `${webUrl(repo)}/resolve/main/text`)).body).toBe('hé');
    expect((await content.read(owner, `${webUrl(repo)}/resolve/main/copy`)).body).toBe('kept');
    expect((await content.read(owner, `${webUrl(repo)}/resolve/main/model.bin`)).rawPayload).toEqual(
      object.bytes,
    );
  });

  it('takes datasets, spaces, JSON as media type, gzip, and any case of the name', async ({ content }) => {
    const owner = await content.user();
    for (const type of ['dataset', 'space'] as const) {
      const repo = await content.repo(owner, { type });
      const answer = await content.commitLines(owner, repo, fileLine('a'));
      expect(answer.json()).toMatchObject({
        commitUrl: expect.stringContaining(`http://hub.test/${type}s/`),
      });
    }
    const repo = await content.repo(owner);
    const zipped = gzipSync(ndjson([HEADER, fileLine('zipped')]));
    const asJson = await content.sendCommit(owner, repo, zipped, {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    expect([asJson.statusCode, asJson.body]).toEqual([200, expect.any(String)]);
    const shouted = await content.commitLines(
      owner,
      { ...repo, name: repo.name.toUpperCase() },
      fileLine('b'),
    );
    expect([shouted.statusCode, shouted.body]).toEqual([200, expect.any(String)]);
  });

  it('keeps an empty file under an LFS extension a regular one', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.commitLines(owner, repo, fileLine('empty.bin', ''));
    const info = await content.postJson(owner, `${apiUrl(repo)}/paths-info/main`, { paths: ['empty.bin'] });
    expect(info.json()).toEqual([expect.objectContaining({ size: 0, path: 'empty.bin' })]);
    expect(info.json<object[]>()[0]).not.toHaveProperty('lfs');
  });

  it('keeps an empty file that a client calls an LFS file, because LFS has no pointers to those', async ({
    content,
  }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const empty = content.object(0);
    const answer = await content.commitLines(owner, repo, lfsLine('empty.bin', empty));
    expect(answer.statusCode).toBe(200);
    const [info] = (
      await content.postJson(owner, `${apiUrl(repo)}/paths-info/main`, { paths: ['empty.bin'] })
    ).json<object[]>();
    expect(info).toMatchObject({ size: 0, oid: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' });
    expect(info).not.toHaveProperty('lfs');
    expect((await content.read(owner, `${webUrl(repo)}/resolve/main/empty.bin`)).statusCode).toBe(200);
    const wrong = { sha256: empty.sha256, bytes: Buffer.from('x') };
    expect((await content.commitLines(owner, repo, lfsLine('wrong.bin', wrong))).statusCode).toBe(400);
  });

  it('names the author, the title and the description in the history', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.sendCommit(
      owner,
      repo,
      ndjson([header({ summary: 'Title', description: 'Why' }), fileLine('a')]),
    );
    const commits = await content.read(owner, `${apiUrl(repo)}/commits/main`);
    expect(commits.json<object[]>()[0]).toMatchObject({
      title: 'Title',
      message: 'Why',
      authors: [{ user: owner.name }],
    });
  });

  it('opens a pull request for readers, and takes commits to it', async ({ content }) => {
    const owner = await content.user();
    const reader = await content.user();
    const repo = await content.repo(owner);
    const opened = await content.sendCommit(reader, repo, ndjson([HEADER, fileLine('proposal')]), {
      revision: 'main?create_pr=1',
    });
    expect([opened.statusCode, opened.body]).toEqual([200, expect.any(String)]);
    expect(opened.json()).toMatchObject({ pullRequestUrl: `http://hub.test${webUrl(repo)}/discussions/1` });
    for (const revision of ['refs%2Fpr%2F1', 'refs/pr/1']) {
      const pushed = await content.sendCommit(
        reader,
        repo,
        ndjson([HEADER, fileLine(`more-${revision.length}`)]),
        { revision },
      );
      expect([pushed.statusCode, pushed.body]).toEqual([200, expect.any(String)]);
    }
    expect((await content.read(null, `${webUrl(repo)}/resolve/refs/pr/1/proposal`)).statusCode).toBe(200);
    expect((await content.read(null, `${webUrl(repo)}/resolve/main/proposal`)).statusCode).toBe(404);
  });

  it('answers 412 for a stale parent', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const parentCommit = await content.headOf(owner, repo);
    const short = ndjson([header({ parentCommit: parentCommit.slice(0, 7) }), fileLine('a')]);
    expect((await content.sendCommit(owner, repo, short)).statusCode).toBe(200);
    const stale = await content.sendCommit(owner, repo, ndjson([header({ parentCommit }), fileLine('b')]));
    expect(stale.statusCode).toBe(412);
    expect(stale.json<{ error: string }>().error).toContain(
      'The branch was updated since you opened this page. Please refresh and try again.',
    );
  });

  it('holds 100 MB of regular files in one commit', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const nine = randomBytes(9 * 2 ** 20);
    const files = Array.from({ length: 12 }, (_, index) => {
      nine[0] = index;
      return fileLine(`part-${index}.dat`, nine);
    });
    const answer = await content.commitLines(owner, repo, ...files);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  });
});

describe('a commit is refused, and leaves nothing behind:', () => {
  it('to anonymous callers, strangers and read tokens', async ({ content }) => {
    const owner = await content.user();
    const stranger = await content.user();
    const repo = await content.repo(owner);
    const hidden = await content.repo(owner, { isPrivate: true });
    const readOnly = await content.readToken(owner);
    expect((await content.commitLines(null, repo, fileLine('a'))).statusCode).toBe(401);
    expect((await content.commitLines(stranger, repo, fileLine('a'))).statusCode).toBe(403);
    expect((await content.commitLines(readOnly, repo, fileLine('a'))).statusCode).toBe(403);
    const secret = await content.commitLines(stranger, hidden, fileLine('a'));
    expect([secret.statusCode, secret.headers['x-error-code']]).toEqual([404, 'RepoNotFound']);
    expect(secret.headers['x-request-id']).toBeTruthy();
  });

  it('bad bodies', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const before = await content.headOf(owner, repo);
    const missing = content.object();
    const cases: [string, string, number, string][] = [
      ['empty', '', 400, 'BadRequest'],
      ['no header', ndjson([fileLine('a')]), 400, 'BadRequest'],
      ['broken JSON after a file', ndjson([HEADER, fileLine('a'), '{"key":']), 400, 'BadRequest'],
      [
        'an unknown operation',
        ndjson([HEADER, fileLine('a'), { key: 'move', value: {} }]),
        400,
        'BadRequest',
      ],
      [
        'no base64',
        ndjson([HEADER, { key: 'file', value: { path: 'a', content: '*', encoding: 'base64' } }]),
        400,
        'BadRequest',
      ],
      ['a short parent', ndjson([header({ parentCommit: 'abc' }), fileLine('a')]), 400, 'BadRequest'],
      ['traversal', ndjson([HEADER, fileLine('a'), fileLine('..\\ddd')]), 422, 'InvalidPath'],
      ['a path of Git', ndjson([HEADER, fileLine('.git/config')]), 422, 'InvalidPath'],
      [
        'a missing file',
        ndjson([HEADER, fileLine('a'), { key: 'deletedFile', value: { path: 'no' } }]),
        404,
        'EntryNotFound',
      ],
      [
        'a missing LFS object',
        ndjson([HEADER, fileLine('a'), lfsLine('b', missing)]),
        400,
        'LfsObjectMissing',
      ],
    ];
    for (const [name, body, status, code] of cases) {
      const answer = await content.sendCommit(owner, repo, body);
      expect([name, answer.statusCode, answer.headers['x-error-code']]).toEqual([name, status, code]);
      expect(answer.json()).toEqual({ error: expect.any(String) });
      expect(answer.headers['x-error-message']).toBeTruthy();
    }
    expect(await content.headOf(owner, repo)).toBe(before);
  });

  it('revisions that are no branch', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const body = ndjson([HEADER, fileLine('a')]);
    for (const revision of ['nope', await content.headOf(owner, repo), 'nope?create_pr=1', 'refs%2Fpr%2F9']) {
      const answer = await content.sendCommit(owner, repo, body, { revision });
      expect([revision, answer.statusCode, answer.headers['x-error-code']]).toEqual([
        revision,
        404,
        'RevisionNotFound',
      ]);
    }
  });

  it('another media type', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const answer = await content.sendCommit(owner, repo, 'x', { headers: { 'content-type': 'text/plain' } });
    expect(answer.statusCode).toBe(415);
  });
});
