import { describe, expect } from 'vitest';
import { apiUrl, fileLine, HEADER, ndjson, webUrl } from '../support/content.ts';
import type { TestObject } from '../support/lfs-world.ts';
import { type GitLfsWorld, it, type LfsClient } from './lfs-hub.ts';

/** Leaves it to the user to upload objects. */
const SKIP_PUSH = { GIT_LFS_SKIP_PUSH: '1' };

/** Commits files to the clone's branch. Names that end in `.bin` are LFS files in every repository of the hub. */
async function commit(client: LfsClient, files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) await client.write(name, content);
  await client.in('add', '--all');
  await client.in('commit', '-q', '-m', `Add ${Object.keys(files).join(', ')}`);
  return client.in('rev-parse', 'HEAD');
}

function pointer({ sha256, bytes }: TestObject): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes.length}\n`;
}

async function fileOf(lfs: GitLfsWorld, url: string): Promise<Buffer> {
  return (await lfs.read(null, url)).rawPayload;
}

describe.for(['model', 'dataset', 'space'] as const)('a push to a %s', (type) => {
  it('brings LFS files that the API reads, and other clones', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const repo = await lfs.repo(owner, { type });
    const client = await as(owner);
    await client.clone(repo);
    await client.lfs('track', '*.weights');
    const [first, second] = [lfs.object(20_000), lfs.object(0)];
    const large = lfs.object(6_000_000);
    const oid = await commit(client, {
      'a.bin': first.bytes,
      'b.weights': large.bytes,
      'empty.bin': second.bytes,
    });
    await client.in('push', '-q', 'origin', 'main');
    expect(await lfs.headOf(owner, repo)).toBe(oid);
    const tree = (await lfs.read(null, `${apiUrl(repo)}/tree/main`)).json<
      readonly { path: string; size: number; lfs?: { oid: string; size: number } }[]
    >();
    const found = tree.filter(({ lfs }) => lfs).map(({ path, size, lfs }) => [path, size, lfs!.oid]);
    expect(found).toEqual([
      ['a.bin', 20_000, first.sha256],
      ['b.weights', 6_000_000, large.sha256],
    ]);
    expect((await fileOf(lfs, `${webUrl(repo)}/resolve/main/b.weights`)).equals(large.bytes)).toBe(true);
    expect((await fileOf(lfs, `${webUrl(repo)}/resolve/${oid}/a.bin`)).equals(first.bytes)).toBe(true);
    const other = await as(null);
    await other.clone(repo);
    expect((await other.read('b.weights')).equals(large.bytes)).toBe(true);
    expect(await other.lfs('fsck')).toBe('Git LFS fsck OK');
  });
});

describe('a push', () => {
  it('brings only what the hub does not have', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const [known, fresh] = [lfs.object(), lfs.object()];
    const repo = await lfs.lfsRepo(owner, { 'known.bin': known });
    const client = await as(owner);
    await client.clone(repo);
    await commit(client, { 'copy.bin': known.bytes, 'fresh.bin': fresh.bytes });
    lfs.wire.take();
    await client.in('push', '-q', 'origin', 'main');
    expect(lfs.wire.take().filter(({ what }) => what.startsWith('PUT'))).toHaveLength(1);
    await commit(client, { 'again.bin': fresh.bytes });
    await client.in('push', '-q', 'origin', 'main');
    expect(lfs.wire.take().filter(({ what }) => what.startsWith('PUT'))).toEqual([]);
    expect((await fileOf(lfs, `${webUrl(repo)}/resolve/main/again.bin`)).equals(fresh.bytes)).toBe(true);
  });

  it('of a pointer needs its object, which may come later', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const repo = await lfs.repo(owner);
    const object = lfs.object();
    const client = await as(owner);
    await client.clone(repo);
    await commit(client, { 'a.bin': object.bytes });
    const refused = await client.with(SKIP_PUSH).tryIn('push', 'origin', 'main');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('an LFS pointer pointed to a file that does not exist');
    await client.lfs('push', '--all', 'origin');
    await client.with(SKIP_PUSH).in('push', '-q', 'origin', 'main');
    expect((await fileOf(lfs, `${webUrl(repo)}/resolve/main/a.bin`)).equals(object.bytes)).toBe(true);
  });

  it('of a pointer to somebody else’s file is none to the file', async ({ lfs, as }) => {
    const [owner, stranger] = [await lfs.user(), await lfs.user()];
    const secret = lfs.object();
    await lfs.lfsRepo(owner, { 'a.bin': secret }, { isPrivate: true });
    const repo = await lfs.repo(stranger);
    const client = await as(stranger);
    await client.clone(repo);
    await client.in('lfs', 'uninstall', '--local');
    for (const key of ['filter.lfs.process', 'filter.lfs.clean', 'filter.lfs.smudge', 'filter.lfs.required'])
      await client.git('config', '--global', '--unset-all', key);
    await commit(client, { 'stolen.bin': pointer(secret) });
    const refused = await client.with(SKIP_PUSH).tryIn('push', 'origin', 'main');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('an LFS pointer pointed to a file'),
    ]);
    expect((await lfs.ask(stranger, repo, 'download', secret)).error?.code).toBe(404);
  });

  it('of a history that was migrated to LFS brings all its versions', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const repo = await lfs.repo(owner);
    const client = await as(owner);
    await client.clone(repo);
    const versions = [1, 2, 3].map((number) => Buffer.alloc(30_000, `version ${number} `));
    for (const bytes of versions) await commit(client, { 'data.dat': bytes });
    await client.in('push', '-q', 'origin', 'main:plain');
    await client.lfs('migrate', 'import', '--include=*.dat', '--include-ref=refs/heads/main', '--yes');
    await client.in('push', '-q', 'origin', 'main:migrated');
    expect((await fileOf(lfs, `${webUrl(repo)}/resolve/migrated/data.dat`)).equals(versions[2]!)).toBe(true);
    const other = await as(null);
    await other.clone(repo, ['--branch', 'migrated']);
    await other.lfs('fetch', '--all');
    const oids = (await other.lfs('ls-files', '--all', '--long'))
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(new Set(oids).size).toBe(3);
    await other.in('checkout', '-q', 'HEAD~1');
    expect((await other.read('data.dat')).equals(versions[1]!)).toBe(true);
    await other.in('checkout', '-q', 'migrated');
    await other.lfs('migrate', 'export', '--include=*.dat', '--everything', '--yes');
    expect(await other.in('cat-file', '-s', 'migrated:data.dat')).toBe('30000');
  });

  it('to a pull request brings the files of somebody who may only read', async ({ lfs, as }) => {
    const [owner, reader] = [await lfs.user(), await lfs.user()];
    const repo = await lfs.repo(owner);
    const opened = ndjson([HEADER, fileLine('note.txt', 'proposed')]);
    expect((await lfs.sendCommit(reader, repo, opened, { revision: 'main?create_pr=1' })).statusCode).toBe(
      200,
    );
    const object = lfs.object();
    const client = await as(reader);
    await client.clone(repo);
    await client.in('fetch', '-q', 'origin', 'refs/pr/1:refs/heads/proposal');
    await client.in('checkout', '-q', 'proposal');
    await commit(client, { 'a.bin': object.bytes });
    const refused = await client.tryIn('push', 'origin', 'HEAD:refs/heads/main');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('no write access')]);
    await client.in('push', '-q', 'origin', 'HEAD:refs/pr/1');
    expect((await fileOf(lfs, `${webUrl(repo)}/resolve/refs%2Fpr%2F1/a.bin`)).equals(object.bytes)).toBe(
      true,
    );
  });

  it('is held by git-lfs when it changes a file that somebody else has locked', async ({ lfs, as }) => {
    const [owner, member] = [await lfs.user(), await lfs.user()];
    const namespace = await lfs.org(owner, [{ user: member, role: 'member' }]);
    const repo = await lfs.lfsRepo(owner, { 'a.bin': lfs.object(), 'b.bin': lfs.object() }, { namespace });
    const [mine, theirs] = [await as(owner), await as(member)];
    for (const client of [mine, theirs]) await client.clone(repo);
    await theirs.lfs('lock', 'a.bin');
    await mine.lfs('lock', 'b.bin');
    const change = lfs.object();
    await commit(mine, { 'a.bin': change.bytes });
    // The first push finds out that the hub has locks, and turns the check on.
    await mine.in('config', `lfs.${lfs.remote(repo)}.git/info/lfs.locksverify`, 'true');
    const held = await mine.tryIn('push', 'origin', 'main');
    const said = `${held.stdout}${held.stderr}`;
    expect([held.code, said]).toEqual([1, expect.stringContaining(`a.bin - ${member.name}`)]);
    expect(said).toContain('Cannot update locked files.');
    await theirs.lfs('unlock', 'a.bin');
    await mine.in('push', '-q', 'origin', 'main');
    // An own lock is no hindrance, and neither is a lock to the API.
    await commit(mine, { 'b.bin': lfs.object().bytes });
    const own = await mine.tryIn('push', 'origin', 'main');
    expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('b.bin') });
    await lfs.commitLfs(member, repo, 'b.bin', lfs.object());
  });
});
