import { rm, stat } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { lfsLine } from '../support/content.ts';
import { type GitLfsWorld, it, SKIP_SMUDGE } from './lfs-hub.ts';

const MIB = 2 ** 20;

/** Requests for contents that passed the wire. */
function downloads(lfs: GitLfsWorld) {
  return lfs.wire.take().filter(({ what }) => /^GET \/(?:_storage|xet)\//.test(what));
}

describe.for(['model', 'dataset', 'space'] as const)('a %s', (type) => {
  it('is cloned with the contents that the API took, with and without .git', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const files = { 'a.bin': lfs.object(), 'sub folder/ä b.bin': lfs.object(300_000) };
    const repo = await lfs.lfsRepo(owner, files, { type });
    // Git LFS has no pointers to empty files.
    await lfs.commitLfs(owner, repo, 'empty.bin', lfs.object(0));
    const anonymous = await as(null);
    await anonymous.clone(repo);
    await anonymous.git('clone', '-q', `${anonymous.remote(repo)}.git`, 'dotted');
    for (const [name, object] of Object.entries(files)) {
      expect((await anonymous.read(name)).equals(object.bytes)).toBe(true);
      expect((await anonymous.read(`../dotted/${name}`)).equals(object.bytes)).toBe(true);
    }
    expect(await anonymous.in('status', '--porcelain')).toBe('');
    expect(await anonymous.lfs('fsck')).toBe('Git LFS fsck OK');
    const listed = await anonymous.lfs('ls-files', '--name-only');
    expect(new Set(listed.split('\n'))).toEqual(new Set(Object.keys(files)));
  });
});

describe('a clone with pointers', () => {
  it('gets contents when they are wanted: pull, fetch, checkout, prune', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const [old, now, other] = [lfs.object(), lfs.object(), lfs.object()];
    const repo = await lfs.lfsRepo(owner, { 'a.bin': old });
    await lfs.commitLfs(owner, repo, 'a.bin', now);
    await lfs.commitLfs(owner, repo, 'b.bin', other);
    const client = await as(null);
    await client.with(SKIP_SMUDGE).clone(repo);
    expect(downloads(lfs)).toEqual([]);
    expect((await client.read('a.bin')).toString()).toContain(`oid sha256:${now.sha256}\nsize 1000\n`);

    await client.lfs('pull', '--include', 'b.bin');
    expect(downloads(lfs)).toHaveLength(1);
    expect((await client.read('b.bin')).equals(other.bytes)).toBe(true);
    expect((await client.read('a.bin')).toString()).toContain('oid sha256:');
    await client.lfs('fetch');
    expect((await client.read('a.bin')).toString()).toContain('oid sha256:');
    await client.lfs('checkout');
    expect((await client.read('a.bin')).equals(now.bytes)).toBe(true);
    expect(downloads(lfs)).toHaveLength(1);

    await client.lfs('fetch', '--all');
    expect(downloads(lfs)).toHaveLength(1);
    await client.with(SKIP_SMUDGE).in('checkout', '-q', 'HEAD~2');
    await client.lfs('checkout');
    expect((await client.read('a.bin')).equals(old.bytes)).toBe(true);
    expect(await client.in('status', '--porcelain')).toBe('');

    // It asks the hub whether what it is going to remove can be had again.
    await client.in('checkout', '-q', 'main');
    for (const days of ['fetchrecentcommitsdays', 'fetchrecentrefsdays', 'pruneoffsetdays'])
      await client.in('config', `lfs.${days}`, '0');
    expect(await client.lfs('prune', '--verify-remote')).toContain('1 verified with remote');
    await client.in('checkout', '-q', 'HEAD~2');
    expect((await client.read('a.bin')).equals(old.bytes)).toBe(true);
    expect(downloads(lfs)).toHaveLength(1);
    expect(await client.lfs('fsck')).toBe('Git LFS fsck OK');
  });

  it('asks for hundreds of objects in a few requests', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const files = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`d/${i}.bin`, lfs.object(50)]));
    const repo = await lfs.repo(owner);
    await Promise.all(Object.values(files).map((object) => lfs.upload(owner, repo, object)));
    const lines = Object.entries(files).map(([path, object]) => lfsLine(path, object));
    expect((await lfs.commitLines(owner, repo, ...lines)).statusCode).toBe(200);
    const client = await as(null);
    await client.with(SKIP_SMUDGE).clone(repo);
    lfs.wire.take();
    await client.lfs('pull');
    const batches = lfs.wire.take().filter(({ what }) => what.endsWith('/objects/batch'));
    expect(batches.length).toBeLessThanOrEqual(3);
    expect((await client.read('d/149.bin')).equals(files['d/149.bin']!.bytes)).toBe(true);
    expect(await client.lfs('fsck')).toBe('Git LFS fsck OK');
  });
});

describe('an interrupted download', () => {
  it('goes on where it stopped, by Range, and checks the whole', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const object = lfs.object(4 * MIB);
    const repo = await lfs.lfsRepo(owner, { 'large.bin': object });
    const client = await as(null);
    await client.with(SKIP_SMUDGE).clone(repo);
    downloads(lfs);
    lfs.wire.breakNext('/_storage/object', 2 * MIB);
    await client.in('config', 'lfs.transfer.maxretries', '1');
    const broken = await client.tryLfs('pull');
    const rest = broken.code === 0 ? broken : await client.tryLfs('pull');
    expect(rest).toMatchObject({ code: 0 });
    const [first, second, ...more] = downloads(lfs);
    expect([first?.status, first?.headers.range]).toEqual([200, undefined]);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(second?.headers.range ?? '') ?? [];
    expect([second?.status, more, Number(to)]).toEqual([206, [], object.bytes.length - 1]);
    expect(Number(from)).toBeGreaterThanOrEqual(2 * MIB);
    expect((await client.read('large.bin')).equals(object.bytes)).toBe(true);
  });
});

describe('a file that was uploaded by Xet', () => {
  it('comes out by git lfs, whole and in pieces', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const repo = await lfs.repo(owner);
    const content = lfs.xet.randomBytes(6 * MIB);
    await lfs.xet.commitByXet(owner, repo, { 'x.bin': content });
    const client = await as(null);
    await client.clone(repo);
    expect((await client.read('x.bin')).equals(content)).toBe(true);
    expect(downloads(lfs)).toEqual([
      expect.objectContaining({ what: expect.stringMatching(/^GET \/xet\/.+\/files\//) }),
    ]);

    await rm(client.path('.git', 'lfs', 'objects'), { recursive: true });
    await rm(client.path('x.bin'));
    lfs.wire.breakNext('/xet/', 2 * MIB);
    if ((await client.tryLfs('pull')).code !== 0) await client.lfs('pull');
    const [first, second, ...more] = downloads(lfs);
    expect([first?.status, second?.status, more]).toEqual([200, 206, []]);
    expect((await client.read('x.bin')).equals(content)).toBe(true);
  });

  it('is in the store of the hub once, also when git-lfs brings the same', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.repo(owner);
    const content = lfs.xet.randomBytes(MIB);
    const { objects } = await lfs.xet.commitByXet(owner, repo, { 'x.bin': content });
    expect((await lfs.ask(owner, repo, 'upload', objects[0]!)).actions).toBeUndefined();
  });
});

describe('access', () => {
  it('to contents of a private repository is for its people, by token and by password', async ({
    lfs,
    as,
  }) => {
    const owner = await lfs.user();
    const stranger = await lfs.user();
    const object = lfs.object();
    const repo = await lfs.lfsRepo(owner, { 'a.bin': object }, { isPrivate: true });
    const reader = await lfs.readToken(owner);
    const byPassword = { ...owner, token: owner.password };
    for (const user of [owner, reader]) {
      const client = await as(user);
      await client.clone(repo);
      expect((await client.read('a.bin')).equals(object.bytes)).toBe(true);
    }
    const client = await as(owner);
    const url = new URL(client.remote(repo));
    Object.assign(url, { username: owner.name, password: byPassword.token });
    await client.git('clone', '-q', url.href, 'c');
    expect((await client.read('a.bin')).equals(object.bytes)).toBe(true);

    // A clone whose owner has lost the right: git itself is not asked.
    for (const user of [null, stranger]) {
      const url = lfs.remote(repo, user);
      await rm(client.path('.git', 'lfs', 'objects'), { recursive: true, force: true });
      await rm(client.path('a.bin'), { force: true });
      await client.in('remote', 'set-url', 'origin', url);
      const refused = await client.tryLfs('pull');
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(user ? /Repository not found/ : /credentials|could not read Username/i);
    }
  });

  it('is asked for once, through a credential helper', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const object = lfs.object();
    const repo = await lfs.lfsRepo(owner, { 'a.bin': object }, { isPrivate: true });
    const client = await as(null);
    const helper = `!f() { test "$1" = get && echo username=${owner.name} && echo password=${owner.token}; }; f`;
    await client.git('config', '--global', 'credential.helper', helper);
    await client.clone(repo);
    expect((await client.read('a.bin')).equals(object.bytes)).toBe(true);
    expect(await client.in('config', 'remote.origin.url')).not.toContain('@');
  });

  it('to a disabled repository is refused with the reason', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const repo = await lfs.lfsRepo(owner, { 'a.bin': lfs.object() });
    const client = await as(null);
    await client.with(SKIP_SMUDGE).clone(repo);
    await lfs.hub.deps.sql.execute({
      text: 'update repo set is_disabled = true where name = $1',
      values: [repo.name],
    });
    const refused = await client.tryLfs('pull');
    expect([refused.code === 0, refused.stderr]).toEqual([false, expect.stringContaining('disabled')]);
    expect(downloads(lfs)).toEqual([]);
  });

  it('follows a repository to its new name', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const object = lfs.object();
    const repo = await lfs.lfsRepo(owner, { 'a.bin': object }, { isPrivate: true });
    await lfs.hub.services().repos.move(owner.actor, repo, { ...repo, name: lfs.name('moved') });
    const client = await as(owner);
    await client.clone(repo);
    expect((await client.read('a.bin')).equals(object.bytes)).toBe(true);
  });
});

it('says which object is not here any more', async ({ lfs, as }) => {
  const owner = await lfs.user();
  const object = lfs.object();
  const repo = await lfs.lfsRepo(owner, { 'a.bin': object, 'b.bin': lfs.object() });
  const client = await as(null);
  await client.with(SKIP_SMUDGE).clone(repo);
  await lfs.hub.deps.sql.execute({
    text: `update lfs_object set state = 'gone' where sha256 = decode($1, 'hex')`,
    values: [object.sha256],
  });
  const refused = await client.tryLfs('pull');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('removed from the hub');
  expect(refused.stderr).toContain(object.sha256);
  expect((await stat(client.path('b.bin'))).size, 'the others come').toBe(1000);
});
