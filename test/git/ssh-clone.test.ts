import { describe, expect } from 'vitest';
import type { GitClient } from './git-hub.ts';
import { it, type SshClient, type SshWorld } from './ssh-hub.ts';

const VERSIONS = ['0', '1', '2'] as const;

describe.for(VERSIONS)('protocol version %s', (version) => {
  const speaking = (terminal: SshClient, client: GitClient, key: Parameters<SshClient['git']>[1]) =>
    terminal
      .git(client, key)
      .with({ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: version });

  it('clones, fetches and lists refs', async ({ ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const git = speaking(terminal, client, key);
    const repo = await ssh.repo(user, { isPrivate: true });
    const first = await ssh.manyFiles(user, repo, 300);
    await git.git('clone', '-q', ssh.sshRemote(repo), 'c');
    expect(await git.check('c')).toEqual({ fsck: '', head: first });
    // Nothing new is a conversation too.
    await git.in('c', 'fetch', '-q');
    const second = await ssh.commit(user, repo, { 'new.txt': 'new' });
    await git.in('c', 'pull', '-q');
    expect(await git.check('c')).toEqual({ fsck: '', head: second });
    expect(await git.git('ls-remote', ssh.sshRemote(repo), 'HEAD')).toBe(`${second}\tHEAD`);
  });

  it('clones part of it', async ({ ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const git = speaking(terminal, client, key);
    const repo = await ssh.repo(user);
    await ssh.commit(user, repo, { 'a.txt': 'a' });
    const head = await ssh.commit(user, repo, { 'b.txt': 'b' });
    await git.git('clone', '-q', '--depth', '1', ssh.sshRemote(repo), 'shallow');
    expect(await git.in('shallow', 'rev-list', '--count', 'HEAD')).toBe('1');
    await git.in('shallow', 'fetch', '-q', '--unshallow');
    expect(await git.in('shallow', 'rev-list', '--count', 'HEAD')).toBe('3');
    await git.git('clone', '-q', '--filter=blob:none', ssh.sshRemote(repo), 'partial');
    expect(await git.check('partial')).toMatchObject({ head });
  });

  it('negotiates at length', async ({ ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const git = speaking(terminal, client, key);
    const repo = await ssh.repo(user);
    await git.git('clone', '-q', ssh.sshRemote(repo), 'c');
    await git.commitLocally('c', 3000);
    const head = await ssh.commit(user, repo, { 'a.txt': 'a' });
    await git.in('c', 'fetch', '-q');
    expect(await git.in('c', 'rev-parse', 'origin/main')).toBe(head);
  });

  it('clones an empty repository', async ({ ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.bareRepo(user);
    const end = await speaking(terminal, client, key).try('clone', ssh.sshRemote(repo), 'c');
    expect([end.code, end.stderr]).toEqual([0, expect.stringContaining('empty repository')]);
  });

  it('tells a hidden repository from a missing one to nobody', async ({ ssh, terminal, client }) => {
    const owner = await ssh.user();
    const { key } = await ssh.sshUser(terminal);
    const hidden = await ssh.repo(owner, { isPrivate: true });
    const git = speaking(terminal, client, key);
    const ends = [];
    for (const repo of [hidden, { ...hidden, name: `${hidden.name}x` }]) {
      const end = await git.try('ls-remote', ssh.sshRemote(repo));
      ends.push(end);
    }
    expect(ends[0]).toEqual(ends[1]);
    expect([ends[0]!.code, ends[0]!.stderr]).toEqual([
      128,
      expect.stringContaining('ERROR: Repository not found. Check the name and the type'),
    ]);
  });

  it('refuses what is not the protocol', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    const name = `${repo.namespace}/${repo.name}`;
    for (const input of ['hello\n', '0003', 'zzzz', '0009bad\n0000', '0014command=push 0000']) {
      const end = await terminal.ssh(ssh.door, key, { input, version }, `git-upload-pack '${name}'`);
      expect.soft([input, end.code, end.stderr]).toEqual([input, 1, expect.stringMatching(/^ERROR: .*Git/)]);
    }
    // Who says nothing is done.
    const silent = await terminal.ssh(ssh.door, key, { input: '0000', version }, `git-upload-pack '${name}'`);
    expect([silent.code, silent.stderr]).toEqual([0, '']);
  });
});

async function headBy(
  { ssh, terminal, client }: { ssh: SshWorld; terminal: SshClient; client: GitClient },
  type: 'model' | 'dataset' | 'space',
  addressOf: (port: number, name: string) => string,
): Promise<void> {
  const { user, key } = await ssh.sshUser(terminal);
  const repo = await ssh.repo(user, { type });
  const head = await ssh.headOf(user, repo);
  const url = addressOf(ssh.door.port, `${repo.namespace}/${repo.name}`);
  const git = terminal.git(client, key, `Port=${ssh.door.port}`);
  expect(await git.git('ls-remote', url, 'HEAD')).toBe(`${head}\tHEAD`);
}

describe('an address', () => {
  it.for([
    ['a model', 'model', (port: number, name: string) => `ssh://git@127.0.0.1:${port}/${name}`],
    [
      'a dataset',
      'dataset',
      (port: number, name: string) => `ssh://git@127.0.0.1:${port}/datasets/${name}.git`,
    ],
    ['a space', 'space', (port: number, name: string) => `ssh://git@127.0.0.1:${port}/spaces/${name}/`],
    ['as scp has it', 'model', (_port: number, name: string) => `git@127.0.0.1:${name}.git`],
    ['with a slash', 'dataset', (_port: number, name: string) => `git@127.0.0.1:/datasets/${name}`],
    ['below home', 'model', (port: number, name: string) => `ssh://git@127.0.0.1:${port}/~/${name}`],
  ] as const)('of %s', async ([_name, type, addressOf], { ssh, terminal, client }) => {
    await headBy({ ssh, terminal, client }, type, addressOf);
  });

  it('that is old leads to the new one', async ({ ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    const head = await ssh.headOf(user, repo);
    const moved = { ...repo, name: ssh.name('moved') };
    await ssh.hub.services().repos.move(user.actor, repo, moved);
    const end = await terminal.git(client, key).try('ls-remote', ssh.sshRemote(repo), 'HEAD');
    expect([end.code, end.stdout]).toEqual([0, `${head}\tHEAD\n`]);
    expect(end.stderr).toContain(`This repository is now called ${moved.namespace}/${moved.name}.`);
  });
});

describe('a repository', () => {
  it('that is gated is closed, and says why', async ({ ssh, terminal, client }) => {
    const owner = await ssh.user();
    const { key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(owner);
    await ssh.hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
    const end = await terminal.git(client, key).try('ls-remote', ssh.sshRemote(repo));
    expect([end.code, end.stderr]).toEqual([
      128,
      expect.stringContaining('is restricted and you are not in the authorized list'),
    ]);
  });

  it('that is disabled is closed to everybody', async ({ ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    await ssh.hub.deps.sql.execute({
      text: 'update repo set is_disabled = true where name = $1',
      values: [repo.name],
    });
    const end = await terminal.git(client, key).try('ls-remote', ssh.sshRemote(repo));
    expect([end.code, end.stderr]).toEqual([128, expect.stringContaining('is disabled')]);
  });

  it('is large, and read by several clients over one connection', async ({ ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    // Random bytes are not compressed: several windows of data.
    const files = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`f${index}.bin`, ssh.noise(2_000_000)]),
    );
    const head = await ssh.commit(user, repo, files);
    const shared = [`ControlPath=${terminal.directory}/s`, 'ControlMaster=auto', 'ControlPersist=10'];
    const git = terminal.git(client, key, ...shared);
    await git.git('ls-remote', ssh.sshRemote(repo));
    await Promise.all([1, 2, 3].map((n) => git.git('clone', '-q', ssh.sshRemote(repo), `c${n}`)));
    for (const n of [1, 2, 3]) expect(await git.check(`c${n}`)).toEqual({ fsck: '', head });
    await terminal.run('ssh', [...terminal.options(key, ...shared), '-O', 'exit', '127.0.0.1']);
  });
});
