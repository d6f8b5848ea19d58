import { readFile, writeFile } from 'node:fs/promises';
import { expect, vi } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { type GitClient, type GitWorld, IDENTITY } from './git-hub.ts';
import { it } from './ssh-hub.ts';

const BRANCHES = 5000;
const TAGS = 5000;
const COMMITS = 100;
/** Of all statements outside transactions that one push may take, however many refs it brings. */
const MAX_STATEMENTS = 60;

/** A clone, `c`, with branches `many/…` and tags `t…` on a line of commits that only it knows, and a few annotated tags. */
async function fill(client: GitClient, remote: string): Promise<void> {
  await client.git('clone', '-q', remote, 'c');
  await client.commitLocally('c', COMMITS);
  const oids = (await client.in('c', 'rev-list', 'local')).split('\n');
  const refs = [
    ...Array.from({ length: BRANCHES }, (_, index) => `refs/heads/many/${index % 50}/${index}`),
    ...Array.from({ length: TAGS }, (_, index) => `refs/tags/t${index}`),
  ];
  const lines = refs.map((name, index) => `${oids[index % COMMITS]} ${name}`);
  const file = client.path('c', '.git', 'packed-refs');
  const kept = (await readFile(file, 'utf8')).split('\n').filter((line) => /^[0-9a-f]{40} /.test(line));
  // Git looks them up by halving.
  const sorted = [...kept, ...lines].toSorted((a, b) => (a.slice(41) < b.slice(41) ? -1 : 1));
  await writeFile(file, `# pack-refs with: sorted \n${sorted.join('\n')}\n`);
  for (const name of ['v1', 'v2', 'v3'])
    await client.in('c', ...IDENTITY, 'tag', '-a', '-m', name, name, 'local');
  await client.in('c', ...IDENTITY, 'tag', '-a', '-m', 'nested', 'v4', 'v3');
}

/** Pushes, and counts the statements that it takes. */
async function pushed(world: GitWorld, client: GitClient, ...args: readonly string[]): Promise<number> {
  const statements = vi.spyOn(world.hub.deps.sql, 'query');
  const { code, stderr } = await client.push('c', '-q', ...args);
  const count = statements.mock.calls.length;
  statements.mockRestore();
  expect([code, stderr]).toEqual([0, '']);
  return count;
}

function isDoomed(line: string): boolean {
  return /\trefs\/tags\/t[12]\d{3}$/.test(line);
}

async function refsOf(client: GitClient, remote: string): Promise<string[]> {
  return (await client.git('ls-remote', '--refs', remote)).split('\n').toSorted();
}

async function localRefs(
  client: GitClient,
  clone: string,
  ...patterns: readonly string[]
): Promise<string[]> {
  const format = '--format=%(objectname)%09%(refname)';
  return (await client.in(clone, 'for-each-ref', format, ...patterns)).split('\n').toSorted();
}

async function advertised(world: GitWorld, repo: RepoRef, headers: Record<string, string>): Promise<number> {
  const response = await fetch(`${world.remote(repo)}/info/refs?service=git-upload-pack`, { headers });
  return (await response.arrayBuffer()).byteLength;
}

it(
  'ten thousand refs are pushed, listed, fetched and deleted',
  { timeout: 180_000 },
  async ({ ssh: world, terminal, client: plain }) => {
    const { user: owner, key } = await world.sshUser(terminal);
    const client = terminal.git(plain, key);
    const repo = await world.repo(owner);
    // Over HTTP, git itself compares every ref that it pushes with every ref that it has.
    const remote = world.sshRemote(repo);
    await fill(client, remote);
    const patterns = ['refs/heads/many', 'refs/tags'];

    // With new commits, then on known ones.
    expect(await pushed(world, client, remote, 'refs/heads/many/*:refs/heads/many/*')).toBeLessThan(
      MAX_STATEMENTS,
    );
    expect(await pushed(world, client, remote, '--tags')).toBeLessThan(MAX_STATEMENTS);
    const main = `${await world.headOf(owner, repo)}\trefs/heads/main`;
    const all = [...(await localRefs(client, 'c', ...patterns)), main].toSorted();
    expect(all).toHaveLength(BRANCHES + TAGS + 5);
    expect(await refsOf(client, remote)).toEqual(all);

    // Version 2 asks for what it wants; before, all of them are told, with a line for each.
    expect(await advertised(world, repo, { 'git-protocol': 'version=2' })).toBeLessThan(1000);
    const size = all.reduce((sum, line) => sum + line.length + '0000\n'.length, 0);
    const told = await advertised(world, repo, {});
    expect([told > size, told < size + 2000]).toEqual([true, true]);

    await client.git('clone', '-q', '--mirror', world.remote(repo), 'mirror');
    expect((await localRefs(client, 'mirror')).filter((line) => !line.endsWith('HEAD'))).toEqual(all);
    expect((await client.check('mirror')).fsck).toBe('');
    await client.git('clone', '-q', '--single-branch', '--no-tags', world.remote(repo), 'single');
    for (const version of ['0', '2']) {
      const name = `refs/heads/many/7/${Number(version) + 1}07`;
      await client.in(
        'single',
        '-c',
        `protocol.version=${version}`,
        'fetch',
        '-q',
        '--no-tags',
        'origin',
        name,
      );
      expect(all).toContain(`${await client.in('single', 'rev-parse', 'FETCH_HEAD')}\t${name}`);
    }
    expect(await localRefs(client, 'single', 'refs/tags')).toEqual(['']);

    await client.write('c', { 'more.txt': 'more' });
    const more = await client.commitAll('c', 'More');
    expect(await pushed(world, client, remote, 'HEAD:refs/heads/more')).toBeLessThan(MAX_STATEMENTS);
    expect(await refsOf(client, remote)).toEqual([...all, `${more}\trefs/heads/more`].toSorted());

    const doomed = all.filter(isDoomed).map((line) => `:${line.slice(41)}`);
    expect(doomed).toHaveLength(2000);
    expect(await pushed(world, client, remote, ...doomed)).toBeLessThan(MAX_STATEMENTS);
    const kept = all.filter((line) => !isDoomed(line));
    expect(await refsOf(client, remote)).toEqual([...kept, `${more}\trefs/heads/more`].toSorted());
    const [row] = await world.hub.deps.sql.query<{ moves: number }>({
      text: `select count(*) as moves from git_reflog where store_id = $1`,
      values: [await world.storeId(owner, repo)],
    });
    // Those of all that was pushed, of all that was deleted, and of one more; the first is that of the new repository.
    expect(row!.moves).toBe(all.length + doomed.length + 1);
  },
);
