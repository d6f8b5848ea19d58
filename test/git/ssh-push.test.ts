import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl, webUrl } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';
import { type GitClient, IDENTITY } from './git-hub.ts';
import { it, type KeyPair, type SshClient, type SshWorld } from './ssh-hub.ts';

interface Cloned {
  readonly git: GitClient;
  readonly repo: RepoRef;
  readonly user: TestUser;
  readonly key: KeyPair;
  readonly keyId: number;
}

/** A clone, `c`, of a repository whose owner has a key. */
async function cloned(ssh: SshWorld, terminal: SshClient, client: GitClient): Promise<Cloned> {
  const { user, key, keyId } = await ssh.sshUser(terminal);
  const repo = await ssh.repo(user);
  const git = terminal.git(client, key);
  await git.git('clone', '-q', ssh.sshRemote(repo), 'c');
  return { git, repo, user, key, keyId };
}

describe('a push', () => {
  it.for(['0', '1', '2'])(
    'by version %s is what the API shows',
    async (version, { ssh, terminal, client }) => {
      const { git, repo, user } = await cloned(ssh, terminal, client);
      await git.in('c', 'config', 'protocol.version', version);
      await git.write('c', { 'a.txt': 'one', 'deep/b.txt': 'two' });
      const head = await git.commitAll('c', 'By SSH');
      expect((await git.push('c')).code).toBe(0);
      expect(await ssh.headOf(user, repo)).toBe(head);
      expect((await ssh.read(user, `${webUrl(repo)}/resolve/main/deep/b.txt`)).body).toBe('two');
      // Up to date: only the refs are told.
      const again = await git.push('c');
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('Everything up-to-date')]);
    },
  );

  it('and commits by API build on each other', async ({ ssh, terminal, client }) => {
    const { git, repo, user } = await cloned(ssh, terminal, client);
    for (const round of ['1', '2', '3']) {
      await git.write('c', { [`git${round}.txt`]: round });
      const mine = await git.commitAll('c');
      expect((await git.push('c')).code).toBe(0);
      const theirs = await ssh.commit(user, repo, { [`api${round}.txt`]: round });
      await git.in('c', 'pull', '-q', '--ff-only');
      expect(await git.in('c', 'rev-parse', 'HEAD', 'HEAD~1')).toBe(`${theirs}\n${mine}`);
    }
    expect(await git.check('c')).toMatchObject({ fsck: '' });
  });

  it('of many bytes arrives whole', async ({ ssh, terminal, client }) => {
    const { git, repo, user } = await cloned(ssh, terminal, client);
    // Three windows of data.
    for (const name of ['a', 'b', 'c']) await git.write('c', { [`${name}.bin`]: ssh.noise(2_500_000) });
    const head = await git.commitAll('c');
    expect((await git.push('c')).code).toBe(0);
    expect(await ssh.headOf(user, repo)).toBe(head);
    await git.git('clone', '-q', ssh.sshRemote(repo), 'again');
    expect(await git.check('again')).toEqual({ fsck: '', head });
  });

  it('makes and deletes branches and tags', async ({ ssh, terminal, client }) => {
    const { git, repo } = await cloned(ssh, terminal, client);
    await git.in('c', ...IDENTITY, 'tag', '-a', 'v1', '-m', 'one');
    expect((await git.push('c', 'origin', 'HEAD:new', 'v1')).code).toBe(0);
    expect(await git.git('ls-remote', ssh.sshRemote(repo), 'refs/heads/new', 'refs/tags/v1')).toContain(
      'new',
    );
    expect((await git.push('c', 'origin', ':new', ':v1')).code).toBe(0);
    expect(await git.git('ls-remote', ssh.sshRemote(repo), 'refs/heads/new', 'refs/tags/v1')).toBe('');
  });

  it('that is behind is refused with words', async ({ ssh, terminal, client }) => {
    const { git, repo, user } = await cloned(ssh, terminal, client);
    await ssh.commit(user, repo, { 'api.txt': 'first' });
    await git.write('c', { 'git.txt': 'late' });
    await git.commitAll('c');
    const end = await git.push('c');
    expect([end.code, end.stderr]).toEqual([1, expect.stringContaining('[rejected]')]);
  });

  it('of a large file is refused with words', async ({ ssh, terminal, client }) => {
    const { git, repo, user } = await cloned(ssh, terminal, client);
    const before = await ssh.headOf(user, repo);
    await git.write('c', { 'big.bin': ssh.noise(11 * 1024 * 1024) });
    await git.commitAll('c');
    const end = await git.push('c');
    expect([end.code, end.stderr]).toEqual([
      1,
      expect.stringContaining('remote: Your push was rejected because it contains files larger than 10 MiB.'),
    ]);
    expect(await ssh.headOf(user, repo)).toBe(before);
  });

  it('is written down as one by SSH', async ({ ssh, terminal, client }) => {
    const { git, repo, user } = await cloned(ssh, terminal, client);
    await git.write('c', { 'a.txt': 'a' });
    const head = await git.commitAll('c');
    await git.push('c');
    const rows = await ssh.hub.deps.sql.query<{ via: string; name: string }>({
      text: `
        select r.via, a.name from git_reflog r join account a on a.id = r.user_id
        where r.store_id = $1 and r.new_oid = $2`,
      values: [await ssh.storeId(user, repo), Buffer.from(head, 'hex')],
    });
    expect(rows).toEqual([{ via: 'git-ssh', name: user.name }]);
  });
});

async function refusal(git: GitClient, remote: string): Promise<string> {
  const { code, stderr } = await git.try('-C', git.path('c'), 'push', remote, 'HEAD:new');
  expect(code).toBe(128);
  return stderr;
}

describe('a push is refused', () => {
  it('to a stranger', async ({ ssh, terminal, client }) => {
    const { repo } = await cloned(ssh, terminal, client);
    const { key } = await ssh.sshUser(terminal);
    const said = await refusal(terminal.git(client, key), ssh.sshRemote(repo));
    expect(said).toContain(`ERROR: You have no write access on ${repo.namespace}/${repo.name}.`);
  });

  it('to a member who may only read', async ({ ssh, terminal, client }) => {
    const owner = await ssh.user();
    const { user: visitor, key } = await ssh.sshUser(terminal);
    const org = await ssh.org(owner, [{ user: visitor, role: 'visitor' }]);
    const repo = await ssh.repo(owner, { namespace: org, isPrivate: true });
    const git = terminal.git(client, key);
    await git.git('clone', '-q', ssh.sshRemote(repo), 'c');
    expect(await refusal(git, ssh.sshRemote(repo))).toContain('You have no write access');
    const refs = await ssh.read(owner, `${apiUrl(repo)}/refs`);
    expect(refs.json<{ branches: unknown[] }>().branches).toHaveLength(1);
  });

  it('in the same words to a hidden and to a missing repository', async ({ ssh, terminal, client }) => {
    await cloned(ssh, terminal, client);
    const owner = await ssh.user();
    const hidden = await ssh.repo(owner, { isPrivate: true });
    const { key } = await ssh.sshUser(terminal);
    const git = terminal.git(client, key);
    const said = await refusal(git, ssh.sshRemote(hidden));
    expect(said).toContain('ERROR: Repository not found.');
    expect(await refusal(git, ssh.sshRemote({ ...hidden, name: `${hidden.name}x` }))).toBe(said);
  });

  it('once the key is deleted, or the account suspended', async ({ ssh, terminal, client }) => {
    const first = await cloned(ssh, terminal, client);
    await ssh.hub.services().sshKeys.delete(first.user.actor, first.keyId);
    expect(await refusal(first.git, ssh.sshRemote(first.repo))).toContain('Permission denied');
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    await ssh.setAccount(user, 'is_active = false');
    expect(await refusal(terminal.git(client, key), ssh.sshRemote(repo))).toContain('Permission denied');
  });
});

it('pushes of several people at once all arrive', async ({ ssh, terminal, client }) => {
  const { git, repo, user } = await cloned(ssh, terminal, client);
  const names = Array.from({ length: 6 }, (_, index) => `b${index}`);
  for (const name of names) {
    await git.git('clone', '-q', ssh.sshRemote(repo), name);
    await git.write(name, { [`${name}.txt`]: name });
    await git.commitAll(name);
  }
  const ends = await Promise.all(names.map((name) => git.push(name, 'origin', `HEAD:${name}`)));
  expect(ends.map(({ code }) => code)).toEqual(names.map(() => 0));
  const refs = await ssh.read(user, `${apiUrl(repo)}/refs`);
  const branches = refs.json<{ branches: { name: string }[] }>().branches.map(({ name }) => name);
  expect(branches).toEqual(expect.arrayContaining(names));
  await git.git('clone', '-q', ssh.sshRemote(repo), 'all');
  expect(await git.check('all')).toMatchObject({ fsck: '' });
});
