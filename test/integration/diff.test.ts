import { describe, expect } from 'vitest';
import { hashObject } from '../../src/git/object.ts';
import type { Oid } from '../../src/git/oid.ts';
import type { FileMode } from '../../src/git/tree.ts';
import { apiUrl, type ContentWorld, it } from '../support/content.ts';
import { StoredHistory } from '../support/stored-history.ts';
import type { TestUser } from '../support/world.ts';

interface DiffFile {
  readonly path: string;
  readonly type: string;
  readonly diff: string | null;
  readonly [field: string]: unknown;
}

async function sample(content: ContentWorld) {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const url = apiUrl(repo);
  const diff = async (revision: string, query = ''): Promise<readonly DiffFile[]> => {
    const answer = await content.read(owner, `${url}/commit/${revision}/diff${query}`);
    return answer.json<{ files: DiffFile[] }>().files;
  };
  return { owner, repo, url, diff };
}

/** A commit of files with any mode on top of one that brought their contents. */
async function commitModes(
  content: ContentWorld,
  { owner, url }: { owner: TestUser; url: string },
  entries: readonly { name: string; mode: FileMode; content?: string; oid?: Oid }[],
): Promise<Oid> {
  const [, type, namespace, name] = url.slice(1).split('/');
  const repo = { type: type!.slice(0, -1) as 'model', namespace: namespace!, name: name! };
  const access = await content.hub.services().access.require(owner.actor, repo, 'read');
  const texts = entries.flatMap((entry) => entry.content ?? []);
  const files = Object.fromEntries(texts.map((text, index) => [`bring-${index}`, text]));
  if (texts.length > 0) await content.commit(owner, repo, files);
  const history = new StoredHistory(content.hub, access.storeId);
  const tree = entries.map(({ name, mode, content: text = '', oid }) => ({
    name,
    mode,
    oid: oid ?? hashObject('blob', Buffer.from(text)),
  }));
  return history.commitTree('Modes', tree);
}

describe('GET commit', () => {
  it('shows a commit with the files it changed', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    const first = await content.headOf(owner, repo);
    const commit = await content.commit(owner, repo, { 'a.txt': 'one\n', 'd/b.txt': 'two\n' });
    const answer = await content.read(null, `${url}/commit/${commit}`);
    expect(answer.json()).toEqual({
      id: commit,
      oid: commit,
      title: 'Change files',
      message: 'Change files\n',
      description: '',
      date: expect.any(Number),
      committed_at: expect.stringMatching(/Z$/),
      authored_at: expect.stringMatching(/Z$/),
      parents: [first],
      author: owner.name,
      author_email: `${owner.name}@users.noreply.hub.test`,
      committer: owner.name,
      committer_email: `${owner.name}@users.noreply.hub.test`,
      metadata: {},
      files: [
        {
          path: 'a.txt',
          type: 'added',
          path_type: 'object',
          mode: '100644',
          previous_mode: null,
          size_bytes: 4,
          is_lfs: false,
        },
        {
          path: 'd/b.txt',
          type: 'added',
          path_type: 'object',
          mode: '100644',
          previous_mode: null,
          size_bytes: 4,
          is_lfs: false,
        },
      ],
    });
    for (const revision of ['main', commit.slice(0, 8), 'refs%2Fheads%2Fmain']) {
      const same = await content.read(null, `${url.replace('/api', '')}/commit/${revision}`);
      expect(same.json<{ oid: string }>().oid).toBe(commit);
    }
  });

  it('answers 304 to who has it, and 404 for what is not there', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    const commit = await content.commit(owner, repo, { a: '1' });
    for (const path of [`commit/${commit}`, `commit/${commit}/diff`, `compare/${commit}..main`]) {
      const { etag } = (await content.read(owner, `${url}/${path}`)).headers;
      const again = await content.read(owner, `${url}/${path}`, { 'if-none-match': String(etag) });
      expect([again.statusCode, again.body, again.headers['cache-control']]).toEqual([
        304,
        '',
        'private, no-cache',
      ]);
      const other = await content.read(owner, `${url}/${path}?limit=1`, { 'if-none-match': String(etag) });
      expect(other.statusCode).toBe(200);
    }
    for (const revision of ['nope', 'f'.repeat(40), 'refs%2Fpr%2F7']) {
      for (const end of ['', '/diff']) {
        const missing = await content.read(owner, `${url}/commit/${revision}${end}`);
        expect([missing.statusCode, missing.headers['x-error-code']]).toEqual([404, 'RevisionNotFound']);
      }
    }
  });

  it('hides private repositories, and contents behind a gate, but not names', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    const stranger = await content.user();
    await content.commit(owner, repo, { a: 'secret' });
    await content.request(owner, { method: 'PUT', url: `${url}/settings`, payload: { gated: 'manual' } });
    expect((await content.read(stranger, `${url}/commit/main`)).statusCode).toBe(200);
    for (const path of ['commit/main/diff', 'compare/main..main', 'compare/main..main?raw=1']) {
      expect((await content.read(stranger, `${url}/${path}`)).headers['x-error-code']).toBe('GatedRepo');
    }
    expect((await content.read(stranger, `${url}/compare/main..main?text=0`)).statusCode).toBe(200);
    await content.request(owner, { method: 'PUT', url: `${url}/settings`, payload: { private: true } });
    for (const path of [
      'commit/main',
      'commit/main/diff',
      'compare/main..main',
      'compare/main..main/commits',
    ]) {
      expect((await content.read(stranger, `${url}/${path}`)).headers['x-error-code']).toBe('RepoNotFound');
    }
  });
});

describe('GET commit/…/diff', () => {
  it('shows what changed, line by line', async ({ content }) => {
    const { owner, repo, url, diff } = await sample(content);
    await content.commit(owner, repo, {
      'a.txt': 'one\ntwo\n',
      gone: 'x\n',
      'crlf.txt': 'a\r\nb\r\n',
      end: 'a',
    });
    const commit = await content.commit(owner, repo, {
      'a.txt': 'one\n2\n',
      gone: null,
      'crlf.txt': 'a\r\nB\r\n',
      end: 'a\n',
    });
    const texts = Object.fromEntries(
      (await diff(commit)).map((file) => [`${file.type} ${file.path}`, file.diff]),
    );
    expect(texts).toEqual({
      'changed a.txt': '--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n',
      'changed crlf.txt': '--- a/crlf.txt\n+++ b/crlf.txt\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+B\r\n',
      'changed end': '--- a/end\n+++ b/end\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n',
      'removed gone': '--- a/gone\n+++ b/gone\n@@ -1 +0,0 @@\n-x\n',
    });
    expect((await diff(commit))[0]).toMatchObject({
      size_bytes: 6,
      previous_size: 8,
      added_lines: 1,
      deleted_lines: 1,
    });
    const envelope = (await content.read(null, `${url}/commit/${commit}/diff`)).json<object>();
    expect(envelope).toMatchObject({
      commit_id: commit,
      author: owner.name,
      parent_commit: expect.any(String),
    });
  });

  it('shows a first commit as additions', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    const first = await content.headOf(owner, repo);
    const answer = (await content.read(null, `${url}/commit/${first}/diff`)).json<{
      parent_commit: null;
      files: DiffFile[];
    }>();
    expect(answer.parent_commit).toBe(null);
    expect(answer.files.every((file) => file.type === 'added' && file.diff!.includes('+'))).toBe(true);
  });

  it('gives LFS files sizes and hashes, and no text', async ({ content }) => {
    const { owner, repo, diff } = await sample(content);
    const [old, now] = [content.object(40), content.object(60)];
    await content.commitLfs(owner, repo, 'm.bin', old);
    await content.commitLfs(owner, repo, 'm.bin', now);
    expect(await diff('main')).toEqual([
      {
        path: 'm.bin',
        type: 'changed',
        path_type: 'object',
        mode: '100644',
        previous_mode: '100644',
        size_bytes: now.bytes.length,
        previous_size: old.bytes.length,
        is_lfs: true,
        sha256: now.sha256,
        previous_sha256: old.sha256,
        diff: null,
        diff_omitted: 'lfs',
        added_lines: 0,
        deleted_lines: 0,
      },
    ]);
  });

  it('says why a file has no text', async ({ content }) => {
    const { owner, repo, diff } = await sample(content);
    await content.commit(owner, repo, {
      'binary.dat': Buffer.from('a\0b'),
      'large.txt': 'x'.repeat(1_000_001),
      'long-line.txt': 'y'.repeat(900_000),
      'latin1.txt': Buffer.from([0xe9, 0x0a]),
    });
    const files = await diff('main');
    expect(files.map((file) => [file.path, file['diff_omitted'] ?? file.diff!.length])).toEqual([
      ['binary.dat', 'binary'],
      ['large.txt', 'too-large'],
      ['latin1.txt', '--- a/latin1.txt\n+++ b/latin1.txt\n@@ -0,0 +1 @@\n+\u{fffd}\n'.length],
      ['long-line.txt', expect.any(Number)],
    ]);
  });

  it('recognises renames, also together with a change of mode', async ({ content }) => {
    const { owner, repo, diff } = await sample(content);
    await content.commit(owner, repo, { 'old/name.txt': 'same\n', 'other.txt': 'same\n', 'empty-1': '' });
    await content.commit(owner, repo, {
      'old/name.txt': null,
      'new/name.txt': 'same\n',
      'empty-1': null,
      'empty-2': '',
    });
    expect(
      (await diff('main')).map((file) => [file.type, file['previous_path'] ?? null, file.path, file.diff]),
    ).toEqual([
      ['removed', null, 'empty-1', ''],
      ['added', null, 'empty-2', ''],
      ['renamed', 'old/name.txt', 'new/name.txt', ''],
    ]);
  });

  it('shows modes, links and submodules', async ({ content }) => {
    const at = await sample(content);
    const submodule = ['1', '2'].map((digit) => digit.repeat(40) as Oid);
    const before = await commitModes(content, at, [
      { name: 'kind', mode: '100644', content: 'target' },
      { name: 'run.sh', mode: '100644', content: '#!/bin/sh\n' },
      { name: 'sub', mode: '160000', oid: submodule[0]! },
    ]);
    const after = await commitModes(content, at, [
      { name: 'kind', mode: '120000', content: 'target' },
      { name: 'run.sh', mode: '100755', content: '#!/bin/sh\n' },
      { name: 'sub', mode: '160000', oid: submodule[1]! },
    ]);
    const answer = await content.read(at.owner, `${at.url}/compare/${before}..${after}`);
    const { files } = answer.json<{ files: DiffFile[] }>();
    expect(
      files.map((file) => [
        file.path,
        file['previous_mode'],
        file['mode'],
        file['diff_omitted'] ?? file.diff,
      ]),
    ).toEqual([
      ['kind', '100644', '120000', ''],
      ['run.sh', '100644', '100755', ''],
      ['sub', '160000', '160000', 'submodule'],
    ]);
    const raw = await content.read(at.owner, `${at.url}/compare/${before}..${after}?raw=1`);
    expect(raw.body).toContain('deleted file mode 100644');
    expect(raw.body).toContain('new file mode 120000');
    expect(raw.body).toContain('old mode 100644\nnew mode 100755\n');
    expect(raw.body).toContain(`-Subproject commit ${submodule[0]}\n+Subproject commit ${submodule[1]}\n`);
  });

  it('pages through many files, and ends a page early where texts are large', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    const names = Array.from(
      { length: 30 },
      (_, index) => `d${index % 3}/f${String(index).padStart(2, '0')}`,
    );
    await content.commit(owner, repo, Object.fromEntries(names.map((name) => [name, `${name}\n`])));
    expect(await allPages(content, owner, `${url}/commit/main/diff?limit=7`)).toEqual(names.toSorted());
    expect(await allPages(content, owner, `${url}/commit/main?limit=7`)).toEqual(names.toSorted());
    const large = Array.from({ length: 5 }, (_, index) => `large${index}`);
    await content.commit(
      owner,
      repo,
      Object.fromEntries(large.map((name) => [name, `${name}\n`.repeat(100_000)])),
    );
    const page = await content.read(owner, `${url}/commit/main/diff`);
    expect(page.json<{ files: DiffFile[] }>().files.map((file) => file.path)).toEqual(['large0', 'large1']);
    expect(await allPages(content, owner, `${url}/commit/main/diff`)).toEqual(large);
  });

  it('shows one file or folder when asked for its path', async ({ content }) => {
    const { owner, repo, diff } = await sample(content);
    await content.commit(owner, repo, { 'a/1': 'x', 'a/2': 'x', 'a.b': 'x', thing: 'file' });
    await content.commit(owner, repo, {
      'a/1': 'y',
      'a/2': null,
      'a.b': 'y',
      thing: null,
      'thing/now': 'folder',
    });
    const paths = async (path: string) => (await diff('main', `?path=${path}`)).map((file) => file.path);
    expect(await paths('a')).toEqual(['a/1', 'a/2']);
    expect(await paths('a/1')).toEqual(['a/1']);
    expect(await paths('thing')).toEqual(['thing', 'thing/now']);
    expect(await paths('nothing')).toEqual([]);
    expect((await diff('main', '?path=thing&limit=1')).map((file) => file.path)).toEqual(['thing']);
  });

  it('shows a folder that was deleted, and a commit of 10,000 files, file by file', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    const names = Array.from({ length: 10_000 }, (_, index) => `d${index % 20}/f${index}`);
    await content.commit(owner, repo, Object.fromEntries(names.map((name) => [name, name])));
    expect(await allPages(content, owner, `${url}/commit/main?limit=1000`)).toEqual(names.toSorted());
    await content.commit(owner, repo, { d7: null });
    const gone = names.filter((name) => name.startsWith('d7/')).toSorted();
    expect(await allPages(content, owner, `${url}/commit/main/diff?limit=300`)).toEqual(gone);
  });

  it('refuses cursors of other lists', async ({ content }) => {
    const { owner, repo, url } = await sample(content);
    await content.commit(owner, repo, { a: '1', b: '2', c: '3' });
    const { link } = (await content.read(owner, `${url}/commit/main?limit=1`)).headers;
    const cursor = new URL(/<(.+)>/.exec(String(link))![1]!).searchParams.get('cursor')!;
    await content.commit(owner, repo, { a: '4' });
    for (const wrong of [cursor, 'nonsense', Buffer.from('["diff","","x","y"]').toString('base64url')]) {
      const answer = await content.read(owner, `${url}/commit/main?cursor=${wrong}`);
      expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([400, 'BadRequest']);
    }
  });
});

async function allPages(content: ContentWorld, user: TestUser, first: string): Promise<string[]> {
  const paths: string[] = [];
  for (let url: string | null = first; url !== null;) {
    const answer = await content.read(user, url);
    paths.push(...answer.json<{ files: DiffFile[] }>().files.map((file) => file.path));
    url = /<http:\/\/hub\.test([^>]+)>; rel="next"/.exec(String(answer.headers.link))?.[1] ?? null;
  }
  return paths;
}
