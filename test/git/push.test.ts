import { createHash, randomBytes } from 'node:crypto';
import { chmod, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import type { TreeFile } from '../../src/domain/version/values.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import { apiUrl, fileLine, HEADER, lfsLine, ndjson, webUrl } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';
import { type GitClient, type GitWorld, IDENTITY, it } from './git-hub.ts';

/** A repository with a clone of it, `c`, whose remote carries the owner's token. */
async function cloned(world: GitWorld, client: GitClient): Promise<{ owner: TestUser; repo: RepoRef }> {
  const owner = await world.user();
  const repo = await world.repo(owner);
  await client.git('clone', '-q', world.remote(repo, owner), 'c');
  return { owner, repo };
}

async function pushed(client: GitClient, ...args: readonly string[]): Promise<string> {
  const { code, stderr } = await client.push('c', ...args);
  if (code !== 0) throw new Error(`git push ${args.join(' ')} (${code}): ${stderr}`);
  return stderr;
}

interface Listed {
  readonly path: string;
  readonly type: string;
  readonly oid: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
  readonly lastCommit?: { readonly id: string };
}

async function tree(world: GitWorld, user: TestUser, repo: RepoRef, query: string): Promise<Listed[]> {
  return (await world.read(user, `${apiUrl(repo)}/tree/${query}`)).json<Listed[]>();
}

describe('a push', () => {
  it('is what the API shows', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    await client.write('c', { 'a.txt': 'one', 'deep/er/b.txt': 'two' });
    const first = await client.commitAll('c', 'First push\n\nwith a body');
    await client.write('c', { 'a.txt': 'changed' });
    const second = await client.commitAll('c', 'Second');
    await pushed(client);

    expect(await world.headOf(owner, repo)).toBe(second);
    const commits = await world.read(owner, `${apiUrl(repo)}/commits/main`);
    expect(commits.json()).toMatchObject([
      { id: second, title: 'Second', authors: [{ user: 'Ada' }] },
      { id: first, title: 'First push', message: 'with a body' },
      {},
    ]);
    const listed = await tree(world, owner, repo, 'main?recursive=1&expand=1');
    expect(Object.fromEntries(listed.map(({ path, lastCommit }) => [path, lastCommit?.id]))).toMatchObject({
      'a.txt': second,
      deep: first,
      'deep/er': first,
      'deep/er/b.txt': first,
    });
    expect((await world.read(owner, `${webUrl(repo)}/resolve/main/a.txt`)).body).toBe('changed');
    expect((await world.read(owner, `${webUrl(repo)}/resolve/${first}/a.txt`)).body).toBe('one');
    const info = (await world.read(owner, apiUrl(repo))).json<{ sha: string; siblings: object[] }>();
    expect(info.sha).toBe(second);
    expect(info.siblings).toHaveLength(3);
    await client.git('clone', '-q', world.remote(repo), 'again');
    expect(await client.check('again')).toEqual({ fsck: '', head: second });
  });

  it('brings files that are unchanged for whoever proves their contents', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    // In its row, in a pack in the database, and, in packs of the object store, read at once and as a stream.
    const contents = [1000, 20_000, 500_000, 3_000_000].map((sizeBytes) => randomBytes(sizeBytes));
    const [inRow, ...others] = contents.map((bytes, i) => ({ path: `${i}.bin`, bytes }));
    await client.write('c', { '.gitattributes': '', [inRow!.path]: inRow!.bytes });
    for (const { path, bytes } of others) {
      await client.write('c', { [path]: bytes });
      await client.commitAll('c');
      await pushed(client);
    }
    const asked = [inRow!, ...others].flatMap(({ path, bytes }) =>
      [bytes, bytes.subarray(1)].map((part) => ({
        path,
        size: bytes.length,
        sha256: createHash('sha256').update(part).digest('hex'),
      })),
    );
    const answer = await world.postJson(owner, `${apiUrl(repo)}/preupload/main`, { files: asked });
    const { files } = answer.json<{ files: { shouldIgnore: boolean }[] }>();
    expect(files.map(({ shouldIgnore }) => shouldIgnore)).toEqual(asked.map((_, i) => i % 2 === 0));

    const { access, trees, blobs, revisions } = world.hub.services();
    const opened = await access.require(owner.actor, repo, 'read');
    const { commitOid } = await revisions.resolve(opened, 'main');
    const paths = asked.map(({ path }) => parseRepoPath(path));
    const items = await trees.paths(opened, commitOid, paths, { withLastCommit: false });
    const found = items.filter((item): item is TreeFile => item.kind === 'file');
    expect((await blobs.hashes(opened, found, 520_000)).size).toBe(3);
  });

  it('and commits by API build on each other', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    for (const round of ['1', '2', '3']) {
      await client.write('c', { [`git${round}.txt`]: round, 'same.txt': `git ${round}` });
      const mine = await client.commitAll('c');
      await pushed(client);
      const theirs = await world.commit(owner, repo, { [`api${round}.txt`]: round });
      await client.in('c', 'pull', '-q', '--ff-only');
      expect(await client.in('c', 'rev-parse', 'HEAD', 'HEAD~1')).toBe(`${theirs}\n${mine}`);
    }
    expect(await client.check('c')).toMatchObject({ fsck: '' });
    expect((await tree(world, owner, repo, 'main')).length).toBe(8);
  });

  it('by an author whose address the hub knows is that account’s', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    await client.write('c', { 'a.txt': 'mine' });
    const { hostname } = new URL(world.url);
    const email = `user.email=${owner.name}@users.noreply.${hostname}`;
    await client.in('c', 'add', '-A');
    await client.in('c', '-c', 'user.name=Any Name', '-c', email, 'commit', '-q', '-m', 'mine');
    await pushed(client);
    const commits = await world.read(owner, `${apiUrl(repo)}/commits/main?limit=1`);
    expect(commits.json()).toMatchObject([{ authors: [{ user: owner.name }] }]);
  });

  it('brings file modes, links, submodules and unusual names', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    await client.write('c', { 'run.sh': '#!/bin/sh\n', 'tab\there.txt': 'tab', 'ünï/日本.txt': 'unicode' });
    await chmod(client.path('c', 'run.sh'), 0o755);
    await symlink('run.sh', client.path('c', 'link'));
    const bad = Buffer.concat([Buffer.from(`${client.path('c')}/bad`), Buffer.of(0xff, 0xfe)]);
    await writeFile(bad, 'not UTF-8');
    const other = await client.in('c', 'rev-parse', 'HEAD');
    await client.in('c', 'add', '-A');
    await client.in('c', 'update-index', '--add', '--cacheinfo', `160000,${other},sub/module`);
    await client.in('c', ...IDENTITY, 'commit', '-q', '-m', 'modes');
    const head = await client.in('c', 'rev-parse', 'HEAD');
    await pushed(client);

    const listed = await tree(world, owner, repo, 'main?recursive=1&expand=1');
    const paths = listed.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['run.sh', 'link', 'tab\there.txt', 'ünï/日本.txt', 'sub']));
    expect(paths).not.toContain('sub/module');
    expect(paths.filter((path) => path.startsWith('bad'))).toHaveLength(1);
    expect(listed.every(({ lastCommit }) => lastCommit !== undefined)).toBe(true);
    expect((await world.read(owner, apiUrl(repo))).statusCode).toBe(200);
    expect((await world.read(owner, `${webUrl(repo)}/resolve/main/link`)).body).toBe('run.sh');
    const unicode = encodeURIComponent('日本.txt');
    expect(
      (await world.read(owner, `${webUrl(repo)}/resolve/main/${encodeURIComponent('ünï')}/${unicode}`)).body,
    ).toBe('unicode');
    // A commit by API keeps what it cannot name.
    await world.commit(owner, repo, { 'api.txt': 'api' });
    await client.git('clone', '-q', world.remote(repo), 'again');
    expect(await client.in('again', 'diff', '--name-status', head, 'HEAD')).toBe('A\tapi.txt');
    expect((await client.check('again')).fsck).toBe('');
  });

  it('brings merges, which are changes where they differ from both sides', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    await client.write('c', { 'd/a.txt': 'base', 'd/b.txt': 'base', 'd/c.txt': 'base' });
    await client.commitAll('c', 'base');
    await client.in('c', 'checkout', '-q', '-b', 'side');
    await client.write('c', { 'd/a.txt': 'side', 'd/c.txt': 'side' });
    const side = await client.commitAll('c', 'side');
    await client.in('c', 'checkout', '-q', 'main');
    await client.write('c', { 'd/b.txt': 'main', 'd/c.txt': 'main' });
    const main = await client.commitAll('c', 'main');
    await client.try('-C', client.path('c'), ...IDENTITY, 'merge', 'side');
    await client.write('c', { 'd/c.txt': 'both' });
    const merge = await client.commitAll('c', 'merge');
    await pushed(client);
    const listed = await tree(world, owner, repo, 'main?recursive=1&expand=1');
    expect(Object.fromEntries(listed.map(({ path, lastCommit }) => [path, lastCommit?.id]))).toMatchObject({
      d: merge,
      'd/a.txt': side,
      'd/b.txt': main,
      'd/c.txt': merge,
    });
    const commits = (await world.read(owner, `${apiUrl(repo)}/commits/main`)).json<{ id: string }[]>();
    const known = await client.in('c', 'rev-list', 'HEAD');
    expect(commits.map(({ id }) => id).toSorted()).toEqual(known.split('\n').toSorted());
  });

  it('of the card changes what lists find', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    const tag = world.name('tag');
    await client.write('c', { 'README.md': `---\ntags: [${tag}]\n---\n# Card\n` });
    await client.commitAll('c');
    await pushed(client);
    const found = await world.read(owner, `/api/models?filter=${tag}`);
    expect(found.json()).toMatchObject([{ id: `${repo.namespace}/${repo.name}` }]);
    // Also by a push without a new commit.
    await pushed(client, '--force', 'origin', 'HEAD~1:main');
    expect((await world.read(owner, `/api/models?filter=${tag}`)).json()).toEqual([]);
  });

  it('of LFS files makes them downloads', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    const object = world.object(5000);
    await world.upload(owner, repo, object);
    await client.write('c', { 'big.bin': pointerOf(object.sha256, 5000) });
    const oid = await client.commitAll('c');
    await pushed(client);
    expect(await tree(world, owner, repo, 'main')).toContainEqual(
      expect.objectContaining({
        path: 'big.bin',
        lfs: expect.objectContaining({ oid: object.sha256, size: 5000 }),
      }),
    );
    const answer = await world.read(owner, `${webUrl(repo)}/resolve/main/big.bin`);
    expect(answer.rawPayload.equals(object.bytes)).toBe(true);
    const history = await world.hub.deps.sql.query<{ path: string; commit: string }>({
      text: `select path, encode(commit_oid, 'hex') as commit from lfs_history where sha256 = $1`,
      values: [Buffer.from(object.sha256, 'hex')],
    });
    expect(history).toEqual([{ path: 'big.bin', commit: oid }]);
    // A pointer that is committed already may go anywhere.
    await client.in('c', 'mv', 'big.bin', 'moved.bin');
    await client.commitAll('c');
    await pushed(client);
    expect((await world.read(owner, `${webUrl(repo)}/resolve/main/moved.bin`)).statusCode).toBe(200);
  });

  it('goes through one hub and comes from another', async ({ world, twin, client }) => {
    const { owner, repo } = await cloned(world, client);
    await client.write('c', { 'a.txt': 'x'.repeat(200_000) });
    await client.commitAll('c', 'large');
    await pushed(client);
    await client.git('clone', '-q', world.remote(repo, owner).replace(world.url, twin.url), 't');
    await client.write('t', { 'b.txt': 'from the other' });
    const head = await client.commitAll('t');
    expect((await client.push('t')).code).toBe(0);
    await client.in('c', 'pull', '-q');
    expect(await client.check('c')).toEqual({ fsck: '', head });
  });

  it('comes from a shallow clone', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    for (const text of ['1', '2', '3']) await world.commit(owner, repo, { 'a.txt': text });
    await client.git('clone', '-q', '--depth', '1', world.remote(repo, owner), 'c');
    await client.write('c', { 'b.txt': 'shallow' });
    const head = await client.commitAll('c');
    await pushed(client);
    await client.git('clone', '-q', world.remote(repo), 'again');
    expect(await client.check('again')).toEqual({ fsck: '', head });
    // Its history is not here: nothing to build on.
    const other = await world.repo(owner);
    const refused = await client.push('c', '--force', world.remote(other, owner), 'HEAD:main');
    expect(refused.stderr).toContain('(shallow update not allowed)');
  });
});

describe('refs', () => {
  it('are created, moved by force and deleted', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    await client.write('c', { 'a.txt': 'one' });
    const one = await client.commitAll('c');
    await pushed(client, 'origin', 'HEAD:refs/heads/side/branch');
    expect(await world.headOf(owner, repo, 'side/branch')).toBe(one);
    // What is known already needs no new objects.
    const before = await segments(world, repo, owner);
    await pushed(client, 'origin', 'HEAD:refs/heads/copy');
    expect(await segments(world, repo, owner)).toBe(before);
    await client.in('c', ...IDENTITY, 'commit', '-q', '--amend', '-m', 'other');
    const two = await client.in('c', 'rev-parse', 'HEAD');
    const refused = await client.push('c', 'origin', 'HEAD:copy');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('non-fast-forward')]);
    expect(await pushed(client, '--force', 'origin', 'HEAD:copy')).toContain('(forced update)');
    expect(await world.headOf(owner, repo, 'copy')).toBe(two);
    expect(await pushed(client, 'origin', ':copy', ':side/branch')).toContain('[deleted]');
    expect(await client.git('ls-remote', '--heads', world.remote(repo))).toMatch(
      /^\w{40}\trefs\/heads\/main$/,
    );
  });

  it('can be tags of all kinds that lead to commits', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    const head = await client.in('c', 'rev-parse', 'HEAD');
    await client.in('c', 'tag', 'light');
    await client.in('c', ...IDENTITY, 'tag', '-a', '-m', 'annotated', 'v1');
    await client.in('c', ...IDENTITY, 'tag', '-a', '-m', 'nested', 'v2', 'v1');
    await pushed(client, 'origin', '--tags');
    const refs = (await world.read(owner, `${apiUrl(repo)}/refs`)).json<{
      tags: { name: string; targetCommit: string }[];
    }>();
    expect(refs.tags.map(({ name, targetCommit }) => [name, targetCommit])).toEqual([
      ['light', head],
      ['v1', head],
      ['v2', head],
    ]);
    for (const tag of ['light', 'v1', 'v2']) expect(await world.headOf(owner, repo, tag)).toBe(head);
    await client.git('clone', '-q', world.remote(repo), 'again');
    expect(await client.in('again', 'cat-file', '-t', 'v2')).toBe('tag');
    expect((await client.check('again')).fsck).toBe('');
    await client.in('c', 'tag', 'folder', 'HEAD^{tree}');
    await client.in('c', ...IDENTITY, 'tag', '-a', '-m', 'x', 'file', 'HEAD:.gitattributes');
    const refused = await client.push('c', 'origin', '--tags');
    expect(refused.stderr.match(/\[remote rejected\].*\(a tag must lead to a commit\)/g)).toHaveLength(2);
    await pushed(client, 'origin', ':v1', ':v2');
    expect(await client.git('ls-remote', '--tags', world.remote(repo))).toBe(`${head}\trefs/tags/light`);
  });

  it('change together, or not at all, when the push is atomic', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    await client.write('c', { 'a.txt': 'atomic' });
    const mine = await client.commitAll('c');
    await pushed(client, '--atomic', 'origin', 'HEAD:one', 'HEAD:two');
    expect(await world.headOf(owner, repo, 'two')).toBe(mine);
    const refs = ['HEAD:three', 'HEAD:refs/convert/x'];
    const refused = await client.push('c', '--atomic', 'origin', ...refs);
    expect(refused.stderr).toContain('HEAD -> three (atomic push failure)');
    expect(refused.stderr).toContain('(the hub itself writes refs/convert)');
    await expect(world.hub.services().refs.list(owner.actor, repo)).resolves.toMatchObject({
      branches: [{ name: 'main' }, { name: 'one' }, { name: 'two' }],
    });
    const partial = await client.push('c', 'origin', ...refs);
    expect(partial.code).toBe(1);
    expect(await world.headOf(owner, repo, 'three')).toBe(mine);
  });

  it('of a repository that has none can be pushed', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const storeId = await world.storeId(owner, repo);
    await world.hub.deps.sql.execute({ text: 'delete from git_ref where store_id = $1', values: [storeId] });
    await client.git('init', '-q', '-b', 'main', 'c');
    await client.write('c', { 'a.txt': 'first' });
    const head = await client.commitAll('c');
    await pushed(client, world.remote(repo, owner), 'main');
    expect(await world.headOf(owner, repo)).toBe(head);
    await client.git('clone', '-q', world.remote(repo), 'again');
    expect(await client.check('again')).toEqual({ fsck: '', head });
  });

  it('that replace the history of main with another one', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    await client.git('init', '-q', '-b', 'main', 'c');
    await client.write('c', { 'a.txt': 'first' });
    const head = await client.commitAll('c');
    const refused = await client.push('c', world.remote(repo, owner), 'main');
    expect(refused.stderr).toContain('fetch first');
    await pushed(client, '--force', world.remote(repo, owner), 'main');
    expect(await world.headOf(owner, repo)).toBe(head);
    expect((await tree(world, owner, repo, 'main')).map(({ path }) => path)).toEqual(['a.txt']);
  });

  it('of a pull request move for its author and for writers', async ({ world, client }) => {
    const owner = await world.user();
    const author = await world.user();
    const stranger = await world.user();
    const repo = await world.repo(owner);
    const opened = await world.sendCommit(author, repo, ndjson([HEADER, fileLine('pr.txt')]), {
      revision: 'main?create_pr=1',
    });
    expect(opened.statusCode).toBe(200);
    await client.git('clone', '-q', world.remote(repo), 'c');
    await client.in('c', 'fetch', '-q', 'origin', 'refs/pr/1:pr');
    await client.in('c', 'checkout', '-q', 'pr');
    await client.write('c', { 'pr.txt': 'better' });
    const head = await client.commitAll('c', 'Better');
    const push = (user: TestUser, ...refs: string[]) => client.push('c', world.remote(repo, user), ...refs);
    expect((await push(stranger, 'HEAD:refs/pr/1')).stderr).toContain('You have no write access');
    expect((await push(author, 'HEAD:main')).stderr).toContain('(you have no write access)');
    expect((await push(author, 'HEAD:refs/pr/2')).stderr).toContain('(there is no such open pull request)');
    expect((await push(author, 'HEAD:refs/pr/1')).code).toBe(0);
    expect(await world.headOf(owner, repo, 'refs/pr/1')).toBe(head);
    await client.write('c', { 'pr.txt': 'best' });
    await client.commitAll('c', 'Best');
    expect((await push(owner, 'HEAD:refs/pr/1')).code).toBe(0);
    const events = await world.hub.deps.sql.query<{ subject: string }>({
      text: `
        select e.data->>'subject' as subject from discussion_event e join discussion d on d.id = e.discussion_id
        join repo r on r.id = d.repo_id join git_store s on s.repo_id = r.id
        where s.id = $1 and e.type = 'commit' order by e.id`,
      values: [await world.storeId(owner, repo)],
    });
    expect(events.map(({ subject }) => subject)).toEqual(['Change files', 'Better', 'Best']);
    expect((await push(owner, ':refs/pr/1')).stderr).toContain('a pull request cannot be deleted by a push');
  });
});

it('writes who pushed what into the reflog', async ({ world, client }) => {
  const { owner, repo } = await cloned(world, client);
  await client.write('c', { 'a.txt': 'x' });
  await client.commitAll('c');
  await pushed(client);
  await pushed(client, 'origin', 'HEAD:side');
  await pushed(client, 'origin', ':side');
  const rows = await world.hub.deps.sql.query({
    text: `
      select l.name, l.via, a.name as by, old_oid is null as created, new_oid is null as deleted
      from git_reflog l join account a on a.id = l.user_id where store_id = $1 and via <> 'api' order by l.id`,
    values: [await world.storeId(owner, repo)],
  });
  const common = { via: 'git-http', by: owner.name };
  expect(rows).toEqual([
    { ...common, name: 'refs/heads/main', created: false, deleted: false },
    { ...common, name: 'refs/heads/side', created: true, deleted: false },
    { ...common, name: 'refs/heads/side', created: false, deleted: true },
  ]);
});

it('a file that is committed by API after a push of the same is not stored again', async ({
  world,
  client,
}) => {
  const { owner, repo } = await cloned(world, client);
  await client.write('c', { 'a.txt': 'same content' });
  await client.commitAll('c');
  await pushed(client);
  const answer = await world.commitLines(owner, repo, fileLine('b.txt', 'same content'));
  expect(answer.statusCode).toBe(200);
  const object = world.object();
  await world.commitLfs(owner, repo, 'c.bin', object);
  expect((await world.commitLines(owner, repo, lfsLine('d.bin', object))).statusCode).toBe(200);
  await client.in('c', 'pull', '-q');
  expect((await client.check('c')).fsck).toBe('');
});

it('what a part of was here before leaves the same rows as what is all new', async ({ world, client }) => {
  const { owner, repo } = await cloned(world, client);
  const object = world.object();
  await world.commitLfs(owner, repo, 'big.bin', object);
  await client.in('c', 'pull', '-q');
  await client.write('c', { 'moved.bin': pointerOf(object.sha256, object.bytes.length), 'a/b.txt': 'one' });
  await client.commitAll('c');
  await pushed(client, 'origin', 'HEAD:refs/heads/side');
  await pushed(client, 'origin', ':side');
  await client.write('c', { 'c/d.txt': 'two' });
  await client.commitAll('c');
  // A file takes the place of a folder: one path is changed twice.
  await rm(client.path('c', 'a'), { recursive: true });
  await client.write('c', { a: 'three', 'c/d.txt': 'four' });
  const head = await client.commitAll('c');
  await pushed(client, 'origin', 'HEAD:refs/heads/side');
  const fresh = await world.repo(owner);
  await world.commitLfs(owner, fresh, 'big.bin', object);
  await pushed(client, '--force', world.remote(fresh, owner), 'HEAD:refs/heads/side');
  const since = await client.in('c', 'rev-list', 'origin/main..HEAD');
  const rows = await rowsOf(world, owner, repo, since);
  expect(rows.commits).toHaveLength(3);
  expect(rows.lfs).toEqual([expect.objectContaining({ path: 'moved.bin' })]);
  expect(rows).toEqual(await rowsOf(world, owner, fresh, since));
  await client.git('clone', '-q', '-b', 'side', world.remote(repo), 'again');
  expect(await client.check('again')).toEqual({ fsck: '', head });
});

/** What the database says of some commits. */
async function rowsOf(world: GitWorld, owner: TestUser, repo: RepoRef, commits: string) {
  const access = await world.hub.services().access.require(owner.actor, repo, 'read');
  const oids = commits.split('\n').map((oid) => Buffer.from(oid, 'hex'));
  const read = (text: string, id = access.storeId) =>
    world.hub.deps.sql.query<object>({ text, values: [id, oids] });
  const lfs = await read(
    `select path, sha256, size_bytes, commit_oid from lfs_history
     where repo_id = $1 and commit_oid = any($2::bytea[]) order by path`,
    access.id,
  );
  const commitsRows = await read(`
    select oid, tree_oid, parents, title from git_commit where store_id = $1 and oid = any($2::bytea[]) order by oid`);
  const changes = await read(`
    select dir, name, commit_oid from path_change where store_id = $1 and commit_oid = any($2::bytea[])
    order by dir, name, commit_oid`);
  const objects = await read(`
    select oid, type, size_bytes, data, sha256, lfs_sha256 from git_object
    where store_id = $1 and oid in (
      select tree_oid from git_commit where store_id = $1 and oid = any($2::bytea[])
      union all select unnest($2::bytea[])) order by oid`);
  return { lfs, commits: commitsRows, changes, objects };
}

async function segments(world: GitWorld, repo: RepoRef, owner: TestUser): Promise<number> {
  const [row] = await world.hub.deps.sql.query<{ count: number }>({
    text: 'select count(*)::int as count from git_segment where store_id = $1',
    values: [await world.storeId(owner, repo)],
  });
  return row!.count;
}

function pointerOf(sha256: string, sizeBytes: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`;
}
