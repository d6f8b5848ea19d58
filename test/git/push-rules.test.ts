import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import type { TestUser } from '../support/world.ts';
import { apiUrl } from '../support/content.ts';
import { type GitClient, type GitEnd, type GitWorld, IDENTITY, it } from './git-hub.ts';

async function cloned(world: GitWorld, client: GitClient): Promise<{ owner: TestUser; repo: RepoRef }> {
  const owner = await world.user();
  const repo = await world.repo(owner);
  await client.git('clone', '-q', world.remote(repo, owner), 'c');
  return { owner, repo };
}

/** What git shows of the hub's words. */
function remoteLines({ stderr }: GitEnd): string[] {
  return stderr.split('\n').flatMap((line) => (line.startsWith('remote: ') ? [line.slice(8).trimEnd()] : []));
}

const RULER = '-'.repeat(73);
const DECLINED = '! [remote rejected] HEAD -> main (pre-receive hook declined)';

/** Pushes, expects a refusal, and that the hub has taken over nothing. */
async function refused(
  world: GitWorld,
  client: GitClient,
  { owner, repo }: { owner: TestUser; repo: RepoRef },
) {
  const before = await stored(world, owner, repo);
  const end = await client.push('c');
  expect(end.code).toBe(1);
  expect(await stored(world, owner, repo)).toEqual(before);
  return end;
}

async function stored(world: GitWorld, owner: TestUser, repo: RepoRef): Promise<object> {
  const [row] = await world.hub.deps.sql.query({
    text: `
      select (select count(*) from git_object where store_id = $1) as objects,
        (select count(*) from git_segment where store_id = $1) as segments,
        (select count(*) from git_commit where store_id = $1) as commits,
        (select count(*) from git_reflog where store_id = $1) as moves,
        (select count(*) from write_session where store_id = $1) as sessions,
        (select used_bytes from repo r join git_store s on s.repo_id = r.id where s.id = $1) as used`,
    values: [await world.storeId(owner, repo)],
  });
  return row!;
}

describe('a push is refused', () => {
  it('with a file above the limit', async ({ world, client }) => {
    const at = await cloned(world, client);
    await client.write('c', {
      'fits.bin': Buffer.alloc(10 * 2 ** 20),
      'sub/big.bin': Buffer.alloc(10 * 2 ** 20 + 1),
    });
    await client.commitAll('c');
    const end = await refused(world, client, at);
    expect(remoteLines(end)).toEqual([
      RULER,
      'Your push was rejected because it contains files larger than 10 MiB.',
      'Please use https://git-lfs.github.com/ to store large files.',
      'See also: https://hf.co/docs/hub/repositories-getting-started#terminal',
      '',
      'Offending files:',
      '  - sub/big.bin (ref: refs/heads/main)',
      RULER,
    ]);
    expect(end.stderr).toContain(DECLINED);
    // Also where it is in history only.
    await client.write('c', { 'sub/big.bin': null });
    await client.commitAll('c');
    await refused(world, client, at);
    await client.in('c', 'reset', '-q', '--hard', 'origin/main');
    await client.write('c', { 'fits.bin': Buffer.alloc(10 * 2 ** 20) });
    await client.commitAll('c');
    expect((await client.push('c')).code).toBe(0);
  });

  it(
    'with a file above the limit, also where git cannot unpack what it was sent',
    { timeout: 120_000 },
    async ({ world, client }) => {
      const at = await cloned(world, client);
      // The second one is sent as what differs, and git would hold both of them to check it.
      const text = `${'0123456789 '.repeat(5)}12345678\n`.repeat(120 * 2 ** 14);
      await client.write('c', { 'data/huge.csv': text });
      await client.commitAll('c');
      await client.write('c', { 'data/huge.csv': `${text.slice(0, 1000)}changed${text.slice(1000)}` });
      await client.commitAll('c');
      const end = await refused(world, client, at);
      expect(remoteLines(end)).toEqual([
        RULER,
        'Your push was rejected because it contains files larger than 10 MiB.',
        'Please use https://git-lfs.github.com/ to store large files.',
        'See also: https://hf.co/docs/hub/repositories-getting-started#terminal',
        '',
        'Offending files:',
        '  - data/huge.csv (ref: refs/heads/main)',
        expect.stringMatching(/^ {2}- a version of \d{9} bytes \(ref: refs\/heads\/main\)$/),
        RULER,
      ]);
      expect(end.stderr).toContain(DECLINED);
      // Where such files may be, it is only a matter of memory.
      const settings = { lfsThresholdBytes: 150_000_000 };
      await world.hub.services().repos.updateSettings(at.owner.actor, at.repo, settings);
      const taken = await client.push('c');
      expect([taken.code, taken.stderr]).toEqual([0, expect.stringContaining('HEAD -> main')]);
      const read = await world.read(
        at.owner,
        `/${at.repo.namespace}/${at.repo.name}/resolve/main/data/huge.csv`,
      );
      expect(read.body.slice(1000, 1007)).toBe('changed');
    },
  );

  it('with a pointer whose object is not here, or not the caller’s', async ({ world, client }) => {
    const at = await cloned(world, client);
    const foreign = world.object(2000);
    const stranger = await world.user();
    const hidden = await world.repo(stranger, { isPrivate: true });
    await world.commitLfs(stranger, hidden, 'secret.bin', foreign);
    for (const sha256 of ['0'.repeat(64), foreign.sha256]) {
      await client.write('c', { 'deep/p.bin': pointerOf(sha256, 2000) });
      await client.commitAll('c');
      const end = await refused(world, client, at);
      expect(remoteLines(end)).toEqual([
        RULER,
        'Your push was rejected because an LFS pointer pointed to a file that does not exist.',
        'For instance, this can happen if you used git push --no-verify to push your changes.',
        '',
        'Offending file:',
        '  - deep/p.bin',
        RULER,
      ]);
      expect(end.stderr).toContain(DECLINED);
      await client.in('c', 'reset', '-q', '--hard', 'origin/main');
    }
    // What everybody may read may be used; the size must be right.
    const open = await world.repo(stranger);
    await world.commitLfs(stranger, open, 'open.bin', foreign);
    await client.write('c', { 'p.bin': pointerOf(foreign.sha256, 1999) });
    await client.commitAll('c');
    expect(remoteLines(await refused(world, client, at)).join()).toContain(
      'has 2000 bytes; the commit says 1999',
    );
    await client.write('c', { 'p.bin': pointerOf(foreign.sha256, 2000) });
    await client.in('c', 'add', '-A');
    await client.in('c', ...IDENTITY, 'commit', '-q', '--amend', '-m', 'right');
    expect((await client.push('c')).code).toBe(0);
  });

  it('with too many entries in a directory', async ({ world, client }) => {
    const at = await cloned(world, client);
    await client.importFiles('c', 'full', 10_001);
    const end = await client.push('c', '--force', 'origin', 'import:main');
    expect(remoteLines(end)).toEqual([
      RULER,
      'Your push was rejected because it contains too many files per directory.',
      'Each directory in your git repo can only contain up to 10000 files.',
      '',
      'Offending reference: refs/heads/main',
      'Offending directories:',
      '  - /full/',
      RULER,
    ]);
    await client.importFiles('c', 'full', 10_000);
    expect((await client.push('c', '--force', 'origin', 'import:main')).code).toBe(0);
    const listed = await world.read(at.owner, `${apiUrl(at.repo)}/tree/main/full`);
    expect(listed.statusCode).toBe(200);
  });

  it('with names and paths that are too long', async ({ world, client }) => {
    const at = await cloned(world, client);
    const blob = await hashed(client, 'x');
    const cases: [string, string][] = [
      [`dir/${'n'.repeat(256)}`, 'names of files and folders may have 255 bytes at most'],
      [Array.from({ length: 257 }, () => 'd').join('/'), '2048 bytes and 256 levels at most'],
      [Array.from({ length: 17 }, () => 'd'.repeat(120)).join('/'), '2048 bytes and 256 levels at most'],
    ];
    for (const [path, why] of cases) {
      await committed(client, [['100644', blob, path]]);
      expect(remoteLines(await refused(world, client, at)).join('\n')).toContain(why);
    }
    // Nothing in it repeats, so that no index can store it shorter.
    const long = Array.from({ length: 16 }, () => randomBytes(60).toString('hex')).join('/');
    await committed(client, [['100644', blob, long]]);
    expect((await client.push('c')).code).toBe(0);
    const listed = await world.read(at.owner, `${apiUrl(at.repo)}/tree/main?recursive=1&expand=1`);
    expect(listed.json()).toContainEqual(
      expect.objectContaining({ path: long, lastCommit: expect.anything() }),
    );
  });

  it.for(['.git', '.GIT', 'git~1', '.g\u200cit', '..', '.'])(
    'with an entry named %j',
    async (name, { world, client }) => {
      const at = await cloned(world, client);
      const blob = await hashed(client, 'x');
      const tree = await client.treeOf('c', [{ mode: '100644', name, oid: blob }]);
      const commit = await client.in('c', ...IDENTITY, 'commit-tree', '-m', 'bad', '-p', 'HEAD', tree);
      await client.in('c', 'update-ref', 'refs/heads/main', commit);
      const end = await refused(world, client, at);
      expect(end.stderr).toMatch(/remote: error: object [0-9a-f]{40}: has\w+: contains/);
      expect(end.stderr).toContain('! [remote rejected] HEAD -> main (unpacker error)');
      expect(end.stderr).not.toContain(world.cacheDirectory);
    },
  );

  it('beyond the quota', async ({ world, client }) => {
    const at = await cloned(world, client);
    const { sql } = world.hub.deps;
    const object = world.object(1000);
    await world.upload(at.owner, at.repo, object);
    await sql.execute({
      text: 'update account set public_quota_bytes = public_used_bytes + 1500 where name = $1',
      values: [at.owner.name],
    });
    await client.write('c', { 'a.txt': 'x'.repeat(1400) });
    await client.commitAll('c');
    expect((await client.push('c')).code).toBe(0);
    await client.write('c', { 'b.txt': 'y'.repeat(1400) });
    await client.commitAll('c');
    const end = await refused(world, client, at);
    expect(remoteLines(end).join('\n')).toMatch(/^-+\nStorage quota exceeded: .* may hold \d+ bytes/);
    expect(end.stderr).toContain(DECLINED);
    // LFS objects count when they are committed.
    await client.in('c', 'reset', '-q', '--hard', 'origin/main');
    await client.write('c', { 'o.bin': pointerOf(object.sha256, 1000) });
    await client.commitAll('c');
    expect(remoteLines(await refused(world, client, at)).join()).toContain('Storage quota exceeded');
    await sql.execute({
      text: 'update account set public_quota_bytes = null where name = $1',
      values: [at.owner.name],
    });
    expect((await client.push('c')).code).toBe(0);
    const [row] = await sql.query<{ used: number; files: number }>({
      text: `
        select r.used_bytes as used, (select sum(size_bytes) from git_object o where o.store_id = s.id and o.type = 3)::bigint as files
        from repo r join git_store s on s.repo_id = r.id where s.id = $1`,
      values: [await world.storeId(at.owner, at.repo)],
    });
    expect(row!.used).toBe(row!.files + 1000);
  });

  it('where a ref is not the pusher’s to change', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    const reasons: Readonly<Record<string, string>> = {
      ':main': 'deletion of the default branch prohibited',
      'HEAD:refs/convert/parquet': 'the hub itself writes refs/convert',
      'HEAD:refs/notes/commits': 'only branches, tags and pull requests can be pushed',
      'HEAD:refs/pr/7': 'there is no such open pull request',
      'HEAD:refs/heads/HEAD': 'is reserved; choose another one',
      [`HEAD:refs/heads/${'a'.repeat(40)}`]: 'looks like a commit id',
      'HEAD:refs/heads/main/below': 'another ref has this name as its folder',
      'HEAD^{tree}:refs/tags/tree': 'a tag must lead to a commit',
    };
    for (const [refspec, reason] of Object.entries(reasons)) {
      const { code, stderr } = await client.push('c', 'origin', refspec);
      expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
    }
    expect((await client.git('ls-remote', world.remote(repo, owner))).split('\n')).toHaveLength(2);
    // Two of one push cannot both be, either; what makes room comes first.
    expect((await client.push('c', 'origin', 'HEAD:x', 'HEAD:x/y')).stderr).toContain(
      'HEAD -> x/y (another ref',
    );
    expect((await client.push('c', 'origin', ':x', 'HEAD:x/y')).code).toBe(0);
  });

  it('without a login, with a token that may only read, and to a stranger', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    const stranger = await world.user();
    await client.write('c', { 'a.txt': 'a' });
    await client.commitAll('c');
    const push = async (user: TestUser | null) =>
      (await client.push('c', world.remote(repo, user), 'HEAD:main')).stderr;
    expect(await push(null)).toContain('could not read Username');
    expect(await push(await world.readToken(owner))).toContain('may only read');
    expect(await push(stranger)).toContain('You have no write access');
    const body = Buffer.from('0000');
    const post = (user: TestUser | null, at: RepoRef = repo) =>
      world.request(user, {
        method: 'POST',
        url: `/${at.namespace}/${at.name}/git-receive-pack`,
        headers: { 'content-type': 'application/x-git-receive-pack-request' },
        payload: body,
      });
    const anonymous = await post(null);
    expect([anonymous.statusCode, anonymous.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/^Basic /),
    ]);
    expect((await post(await world.readToken(owner))).statusCode).toBe(403);
    expect((await post(stranger)).statusCode).toBe(403);
    const hidden = await world.repo(owner, { isPrivate: true });
    const answers = await Promise.all(
      [hidden, { ...hidden, name: `${hidden.name}x` }].map((at) => post(stranger, at)),
    );
    expect(answers.map(({ statusCode, body: text }) => [statusCode, text])).toEqual([
      [404, answers[1]!.body],
      [404, answers[0]!.body],
    ]);
    expect((await post(owner)).statusCode).toBe(200);
  });

  it('when the branch moved meanwhile', async ({ world, client }) => {
    const { owner, repo } = await cloned(world, client);
    await client.write('c', { 'a.txt': 'mine' });
    await client.commitAll('c');
    const old = await client.in('c', 'rev-parse', 'origin/main');
    const theirs = await world.commit(owner, repo, { 'b.txt': 'theirs' });
    const stale = await client.push('c');
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringContaining('(fetch first)')]);
    const lease = await client.push('c', `--force-with-lease=main:${old}`, 'origin', 'HEAD:main');
    expect(lease.stderr).toContain('(stale info)');
    expect(await world.headOf(owner, repo)).toBe(theirs);
  });
});

function pointerOf(sha256: string, sizeBytes: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`;
}

/** Id of a blob that is now in the clone. */
async function hashed(client: GitClient, content: string): Promise<string> {
  await writeFile(client.path('blob'), content);
  return client.in('c', 'hash-object', '-w', client.path('blob'));
}

/** Commits entries onto the remote's head, past the work tree. */
async function committed(
  client: GitClient,
  entries: readonly [mode: string, oid: string, path: string][],
): Promise<void> {
  await client.in('c', 'read-tree', 'origin/main');
  for (const entry of entries) await client.in('c', 'update-index', '--add', '--cacheinfo', entry.join(','));
  const tree = await client.in('c', 'write-tree');
  const commit = await client.in('c', ...IDENTITY, 'commit-tree', '-m', 'entries', '-p', 'origin/main', tree);
  await client.in('c', 'update-ref', 'refs/heads/main', commit);
}
