import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { it } from './git-hub.ts';

const VERSIONS = ['0', '1', '2'] as const;
const TYPES = ['model', 'dataset', 'space'] as const;

describe.for(TYPES)('a %s', (type) => {
  it('is cloned with the ids of the API, with and without .git', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner, { type });
    const oid = await world.commit(owner, repo, { 'a.txt': 'one\n', 'sub/b.bin': Buffer.alloc(2000, 1) });
    await client.git('clone', '-q', world.remote(repo), 'plain');
    await client.git('clone', '-q', `${world.remote(repo)}.git`, 'dotted');
    for (const clone of ['plain', 'dotted'])
      expect(await client.check(clone)).toEqual({ fsck: '', head: oid });
    expect(await readFile(client.path('plain', 'a.txt'), 'utf8')).toBe('one\n');
    expect(await client.in('plain', 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
  });

  it('is fetched and pulled after a commit by the API', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner, { type });
    await client.git('clone', '-q', world.remote(repo), 'c');
    const second = await world.commit(owner, repo, { 'new.txt': 'new' });
    expect(await client.in('c', 'fetch', '-q').then(() => client.in('c', 'rev-parse', 'origin/main'))).toBe(
      second,
    );
    const third = await world.commit(owner, repo, { 'new.txt': null, 'other.txt': 'other' });
    await client.in('c', 'pull', '-q');
    expect(await client.check('c')).toEqual({ fsck: '', head: third });
    expect(await client.in('c', 'ls-files')).not.toContain('new.txt');
    await client.in('c', 'pull', '-q');
  });
});

it('gets objects of several segments as they lie', async ({ world, client }) => {
  const owner = await world.user();
  const repo = await world.repo(owner);
  const text = randomBytes(3000).toString('hex');
  for (const end of ['one', 'two', 'three']) await world.commit(owner, repo, { 'a.txt': text + end });
  await client.git('clone', '-q', '--bare', world.remote(repo), 'c');
  const packs = join(client.path('c'), 'objects', 'pack');
  const idx = (await readdir(packs)).find((name) => name.endsWith('.idx'))!;
  const entries = (await client.git('verify-pack', '-v', join(packs, idx))).split('\n');
  expect(entries.filter((line) => / blob +6\d\d\d /.test(line))).toHaveLength(3);
});

describe.for(VERSIONS)('protocol version %s', (version) => {
  const config = ['-c', `protocol.version=${version}`] as const;

  it('lists branches, tags and pull requests as the API does', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const oid = await world.commit(owner, repo, { 'a.txt': 'a' });
    const { refs } = world.hub.services();
    await refs.createBranch(owner.actor, repo, 'side/branch', null);
    await refs.createTag(owner.actor, repo, { name: 'light', revision: 'main', message: null });
    await refs.createTag(owner.actor, repo, { name: 'v1', revision: 'main', message: 'first' });
    await world.sendCommit(owner, repo, proposal('b.txt'), { revision: 'main?create_pr=1' });
    const listed = await client.git(...config, 'ls-remote', '--symref', world.remote(repo));
    const lines = listed.split('\n').map((line) => line.split('\t').reverse().join(' '));
    expect(lines).toContain(`HEAD ref: refs/heads/main`);
    for (const name of [
      'HEAD',
      'refs/heads/main',
      'refs/heads/side/branch',
      'refs/tags/light',
      'refs/tags/v1^{}',
    ])
      expect(lines).toContain(`${name} ${oid}`);
    expect(lines.find((line) => line.startsWith('refs/tags/v1 '))).not.toBe(`refs/tags/v1 ${oid}`);
    const { pullRequests } = await refs.list(owner.actor, repo);
    expect(pullRequests.length).toBeGreaterThan(0);
    for (const { refName, commitOid } of pullRequests) expect(lines).toContain(`${refName} ${commitOid}`);
    await client.git(...config, 'clone', '-q', world.remote(repo), 'c');
    expect(await client.in('c', 'tag', '-n1')).toMatch(/^light .*\nv1 +first$/);
    await client.in('c', ...config, 'fetch', '-q', 'origin', `${pullRequests[0]!.refName}:pr`);
    expect(await client.in('c', 'show', 'pr:b.txt')).toBe('proposed');
    expect(await client.check('c')).toEqual({ fsck: '', head: oid });
  });

  it('clones shallow, deepens and unshallows', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    for (const text of ['1', '2', '3', '4']) await world.commit(owner, repo, { 'a.txt': text });
    await client.git(...config, 'clone', '-q', '--depth', '1', world.remote(repo), 'c');
    const count = () => client.in('c', 'rev-list', '--count', 'HEAD');
    expect(await count()).toBe('1');
    await client.in('c', ...config, 'fetch', '-q', '--deepen', '2');
    expect(await count()).toBe('3');
    await client.in('c', ...config, 'fetch', '-q', '--unshallow');
    expect(await count()).toBe('5');
    expect((await client.check('c')).fsck).toBe('');
  });

  it('clones without blobs and fetches them when they are needed', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const oid = await world.commit(owner, repo, { 'a.txt': 'lazy' });
    await client.git(
      ...config,
      'clone',
      '-q',
      '--no-checkout',
      '--filter=blob:none',
      world.remote(repo),
      'c',
    );
    const missing = await client.in('c', 'rev-list', '--objects', '--missing=print', 'HEAD');
    expect(missing).toMatch(/^\?/m);
    expect(await client.in('c', ...config, 'show', 'HEAD:a.txt')).toBe('lazy');
    await client.in('c', ...config, 'checkout', '-q', 'main');
    expect(await client.in('c', 'rev-parse', 'HEAD')).toBe(oid);
  });

  it('fetches a commit by its id', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const first = await world.commit(owner, repo, { 'a.txt': '1' });
    await world.commit(owner, repo, { 'a.txt': '2' });
    await client.git('init', '-q', 'c');
    await client.in('c', ...config, 'fetch', '-q', '--depth', '1', world.remote(repo), first);
    expect(await client.in('c', 'rev-parse', 'FETCH_HEAD')).toBe(first);
    const absent = await client.try(
      '-C',
      client.path('c'),
      ...config,
      'fetch',
      '-q',
      world.remote(repo),
      'ab'.repeat(20),
    );
    expect(absent.stderr).toMatch(/not our ref|unadvertised object/);
  });

  it('negotiates at length, with packed and chunked requests', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    await client.git('clone', '-q', world.remote(repo), 'c');
    await client.commitLocally('c', 4000);
    const manners = { 'Content-Encoding: gzip': '1048576', 'Transfer-Encoding: chunked': '65536' };
    for (const [header, postBuffer] of Object.entries(manners)) {
      const oid = await world.commit(owner, repo, { 'new.txt': postBuffer });
      const trace = client.path(`trace-${postBuffer}`);
      const traced = client.with({ GIT_TRACE_CURL: trace, GIT_TRACE_CURL_NO_DATA: '1' });
      await traced.in('c', ...config, '-c', `http.postBuffer=${postBuffer}`, 'fetch', '-q');
      expect(await client.in('c', 'rev-parse', 'origin/main')).toBe(oid);
      expect((await readFile(trace, 'utf8')).split(`Send header: ${header}`).length).toBeGreaterThan(1);
    }
    const { fsck } = await client.check('c');
    expect(fsck).toBe('');
  });

  it('clones a repository without a commit', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const storeId = await world.storeId(owner, repo);
    await world.hub.deps.sql.execute({ text: 'delete from git_ref where store_id = $1', values: [storeId] });
    const { stderr, code } = await client.try(...config, 'clone', world.remote(repo), 'c');
    expect([code, stderr]).toEqual([0, expect.stringContaining('empty repository')]);
    expect(await client.git(...config, 'ls-remote', world.remote(repo))).toBe('');
    // Git asks for the name of a branch that is not there yet since 2.31.
    const asks = version === '2' && !(await client.git('version')).startsWith('git version 2.30.');
    expect(asks ? await client.in('c', 'symbolic-ref', 'HEAD') : 'refs/heads/main').toBe('refs/heads/main');
  });
});

describe('contents', () => {
  it('of a thousand files and of LFS files, which come as pointers', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    await world.manyFiles(owner, repo, 1000);
    const object = world.object(5000);
    await world.commitLfs(owner, repo, 'big.bin', object);
    const head = await world.headOf(owner, repo);
    await client.git('clone', '-q', world.remote(repo), 'c');
    expect(await client.check('c')).toEqual({ fsck: '', head });
    expect((await client.in('c', 'ls-files')).split('\n')).toHaveLength(1002);
    const pointer = await readFile(client.path('c', 'big.bin'), 'utf8');
    expect(pointer).toContain(`oid sha256:${object.sha256}\nsize 5000\n`);
  });

  it('come from the object store when they are larger', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
    const head = await world.commit(owner, repo, {
      'blob.bin': bytes,
      'noise.bin': randomBytes(200_000),
    });
    await client.git('clone', '-q', world.remote(repo), 'c');
    expect(await client.check('c')).toEqual({ fsck: '', head });
    expect((await readFile(client.path('c', 'blob.bin'))).equals(bytes)).toBe(true);
  });
});

describe('submodules', { timeout: 60_000 }, () => {
  it.for(['0', '2'])('are cloned with the repository, by version %s', async (version, { world, client }) => {
    const owner = await world.user();
    const parts = await world.repo(owner, { type: 'dataset' });
    const first = await world.commit(owner, parts, { 'part.txt': 'first' });
    const whole = await world.repo(owner);
    await client.git('clone', '-q', world.remote(whole, owner), 'c');
    // One address is that of the other repository, one goes from the address of this one.
    const relative = `../../datasets/${parts.namespace}/${parts.name}`;
    await client.in('c', 'submodule', '--quiet', 'add', world.remote(parts), 'absolute');
    await client.in('c', 'submodule', '--quiet', 'add', relative, 'sub/relative');
    await client.commitAll('c', 'Add submodules');
    expect((await client.push('c')).code).toBe(0);
    await world.commit(owner, parts, { 'part.txt': 'second' });
    const clone = ['-c', `protocol.version=${version}`, 'clone', '-q', '--recurse-submodules'];
    await client.git(...clone, world.remote(whole), 'again');
    expect((await client.check('again')).fsck).toBe('');
    for (const path of ['absolute', 'sub/relative']) {
      expect(await client.in(`again/${path}`, 'rev-parse', 'HEAD')).toBe(first);
      expect(await readFile(client.path('again', path, 'part.txt'), 'utf8')).toBe('first');
    }
    await client.in('c', 'submodule', '--quiet', 'update', '--remote');
    const head = await client.commitAll('c', 'Go on');
    expect((await client.push('c')).code).toBe(0);
    await client.in('again', 'pull', '-q', '--recurse-submodules');
    expect(await client.check('again')).toEqual({ fsck: '', head });
    expect(await readFile(client.path('again', 'sub', 'relative', 'part.txt'), 'utf8')).toBe('second');
    expect((await world.read(owner, `/api/models/${whole.namespace}/${whole.name}`)).statusCode).toBe(200);
  });
});

describe('the cache', () => {
  const damages = {
    'is gone': (packs: string) => rm(packs, { recursive: true }),
    'lacks an idx': (packs: string) => rewrite(packs, '.idx', () => null),
    'has a cut pack': (packs: string) => rewrite(packs, '.pack', (bytes) => bytes.subarray(0, 40)),
    'has a pack that is none': (packs: string) =>
      rewrite(packs, '.pack', ({ length }) => Buffer.alloc(length, 'x')),
    'has an idx that is none': (packs: string) =>
      rewrite(packs, '.idx', ({ length }) => Buffer.alloc(length, 'x')),
  };

  it.for(Object.keys(damages) as (keyof typeof damages)[])(
    'is made again when it %s',
    async (damage, { world, client }) => {
      const owner = await world.user();
      const repo = await world.repo(owner);
      const head = await world.commit(owner, repo, {
        'noise.bin': randomBytes(200_000),
      });
      await client.git('clone', '-q', world.remote(repo), 'first');
      const storeId = await world.storeId(owner, repo);
      await damages[damage](join(world.cacheDirectory, String(storeId), 'objects', 'pack'));
      await client.git('clone', '-q', world.remote(repo), 'second');
      expect(await client.check('second')).toEqual({ fsck: '', head });
    },
  );

  it('holds nothing of a request that is over', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    await client.git('clone', '-q', world.remote(repo), 'c');
    expect(await readdir(join(world.cacheDirectory, 'views'))).toEqual([]);
    expect(await readdir(join(world.cacheDirectory, 'tmp'))).toEqual([]);
    expect(world.hub.deps.git.runner.runningCount).toBe(0);
  });
});

describe('while commits go on', () => {
  it('every clone is whole', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const made: string[] = [];
    const commits = (async () => {
      for (let index = 0; index < 30; index++)
        made.push(
          await world.commit(owner, repo, {
            [`f${index % 7}.txt`]: `${index}`,
            'large.bin': randomBytes(70_000),
          }),
        );
    })();
    const names = Array.from({ length: 8 }, (_, index) => `c${index}`);
    await Promise.all(names.map((name) => client.git('clone', '-q', world.remote(repo), name)));
    await commits;
    const initial = (await client.in('c0', 'rev-list', '--max-parents=0', 'HEAD')).trim();
    for (const name of names) {
      const { fsck, head } = await client.check(name);
      expect(fsck).toBe('');
      expect([initial, ...made]).toContain(head);
    }
    await client.in('c0', 'pull', '-q');
    expect(await client.check('c0')).toEqual({ fsck: '', head: made.at(-1) });
  });
});

/** Gives files new contents, or removes them. The old ones may be shared with the object store. */
async function rewrite(
  directory: string,
  suffix: string,
  change: (bytes: Buffer) => Uint8Array | null,
): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(suffix));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const path = join(directory, name);
    const changed = change(await readFile(path));
    await rm(path);
    if (changed) await writeFile(path, changed);
  }
}

function proposal(path: string): string {
  const content = Buffer.from('proposed').toString('base64');
  return [
    { key: 'header', value: { summary: 'Propose', description: '' } },
    { key: 'file', value: { path, content, encoding: 'base64' } },
  ]
    .map((line) => JSON.stringify(line))
    .join('\n');
}
