import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl, webUrl } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';
import type { GitClient } from './git-hub.ts';
import { it, type KeyPair, type SshClient, type SshWorld } from './ssh-hub.ts';
import { parseSha256 } from '../../src/lib/sha256.ts';

/** The answer to `git-lfs-authenticate`. */
interface Answer {
  readonly href: string;
  readonly header: { readonly Authorization: string };
  readonly expires_in: number;
}

async function authenticate(
  { ssh, terminal, key }: { ssh: SshWorld; terminal: SshClient; key: KeyPair },
  { type, namespace, name }: RepoRef,
  operation: 'download' | 'upload',
): Promise<{ code: number; stderr: string; answer: Answer | null }> {
  const prefix = type === 'model' ? '' : `${type}s/`;
  const command = `git-lfs-authenticate '${prefix}${namespace}/${name}.git' ${operation}`;
  const { code, stdout, stderr } = await terminal.ssh(ssh.door, key, {}, command);
  return { code, stderr, answer: stdout ? (JSON.parse(stdout) as Answer) : null };
}

/** Path of the LFS API. */
function lfs(repo: RepoRef): string {
  return `${webUrl(repo)}.git/info/lfs`;
}

function batch(operation: 'download' | 'upload'): object {
  const objects = [{ oid: 'a'.repeat(64), size: 1 }];
  return { operation, transfers: ['basic'], objects, ref: { name: 'refs/heads/main' } };
}

/** Status of a request with an `Authorization` and nothing else. */
async function statusOf(
  ssh: SshWorld,
  authorization: string,
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
): Promise<number> {
  const headers = { authorization, 'content-type': 'application/json' };
  return (await ssh.app.inject({ method, url, headers, ...(payload && { payload }) })).statusCode;
}

describe('git-lfs-authenticate', () => {
  it('gives a credential for one repository and operation', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user, { isPrivate: true, type: 'dataset' });
    const other = await ssh.repo(user, { isPrivate: true });
    const status = async (
      operation: 'download' | 'upload',
      ...request: [method: 'GET' | 'POST', url: string, payload?: object]
    ): Promise<number> => {
      const { answer } = await authenticate({ ssh, terminal, key }, repo, operation);
      expect(answer!.href).toBe(`${ssh.url}${lfs(repo)}`);
      expect(answer!.expires_in).toBeGreaterThan(1700);
      expect(answer!.expires_in).toBeLessThanOrEqual(1800);
      return statusOf(ssh, answer!.header.Authorization, ...request);
    };
    const batchUrl = `${lfs(repo)}/objects/batch`;
    const locks = `${lfs(repo)}/locks`;
    // What it is for.
    expect(await status('download', 'POST', batchUrl, batch('download'))).toBe(200);
    expect(await status('upload', 'POST', batchUrl, batch('upload'))).toBe(200);
    expect(await status('upload', 'POST', batchUrl, batch('download'))).toBe(200);
    expect(await status('download', 'GET', locks)).toBe(200);
    expect(await status('upload', 'POST', `${locks}/verify`, {})).toBe(200);
    // What it is not for: changes by one for downloads,
    expect(await status('download', 'POST', batchUrl, batch('upload'))).toBe(403);
    expect(await status('download', 'POST', locks, { path: 'a.bin' })).toBe(403);
    // another repository,
    expect(await status('upload', 'POST', `${lfs(other)}/objects/batch`, batch('download'))).toBe(404);
    expect(await status('upload', 'POST', `${lfs(other)}/objects/batch`, batch('upload'))).toBe(404);
    // and everything but LFS.
    expect(await status('upload', 'GET', apiUrl(repo))).toBe(401);
    expect(await status('upload', 'GET', '/api/whoami-v2')).toBe(401);
    expect(await status('upload', 'POST', '/api/user/keys', { title: 'x', key: 'x' })).toBe(401);
    expect(await status('upload', 'GET', `${webUrl(repo)}.git/info/refs?service=git-upload-pack`)).toBe(401);
  });

  it('gives what ends with the key, the account and the time', async ({ ssh, terminal }) => {
    const { user, key, keyId } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    const { answer } = await authenticate({ ssh, terminal, key }, repo, 'upload');
    const { Authorization: authorization } = answer!.header;
    const status = (value = authorization): Promise<number> =>
      statusOf(ssh, value, 'POST', `${webUrl(repo)}.git/info/lfs/objects/batch`, batch('upload'));
    expect(await status()).toBe(200);
    const [scheme, token = ''] = authorization.split(' ');
    const [claim = '', signature = ''] = token.split('.');
    expect(await status(`${scheme} ${claim}.${signature.slice(0, -4)}AAAA`)).toBe(401);
    expect(await status(`${scheme} ${claim}`)).toBe(401);
    expect(await status(`Bearer ${token}`)).toBe(401);
    // A claim that this hub made, of a time that is over.
    const { credentials } = ssh.hub.deps.lfs;
    const decoded = JSON.parse(Buffer.from(claim, 'base64url').toString()) as Parameters<
      typeof credentials.sign
    >[0];
    expect(await status(`${scheme} ${credentials.sign({ ...decoded, expiresAt: Date.now() + 1000 })}`)).toBe(
      200,
    );
    expect(await status(`${scheme} ${credentials.sign({ ...decoded, expiresAt: Date.now() - 1 })}`)).toBe(
      401,
    );
    // Signed by this hub, for something else.
    const upload = { uploadId: '1', uploaderId: 1, sha256: parseSha256('a'.repeat(64)), ...decoded };
    expect(await status(`${scheme} ${ssh.hub.deps.lfs.tokens.sign(upload)}`)).toBe(401);
    await ssh.hub.services().sshKeys.delete(user.actor, keyId);
    expect(await status()).toBe(401);

    const second = await ssh.sshUser(terminal);
    const own = await ssh.repo(second.user);
    const { answer: next } = await authenticate({ ssh, terminal, key: second.key }, own, 'upload');
    const url = `${webUrl(own)}.git/info/lfs/objects/batch`;
    const ask = (): Promise<number> =>
      statusOf(ssh, next!.header.Authorization, 'POST', url, batch('upload'));
    expect(await ask()).toBe(200);
    await ssh.setAccount(second.user, 'is_active = false');
    expect(await ask()).toBe(401);
  });

  it('asks for the right to write, and hides what is hidden', async ({ ssh, terminal }) => {
    const owner = await ssh.user();
    const { key } = await ssh.sshUser(terminal);
    const open = await ssh.repo(owner);
    const hidden = await ssh.repo(owner, { isPrivate: true });
    const ask = (repo: RepoRef, operation: 'download' | 'upload') =>
      authenticate({ ssh, terminal, key }, repo, operation);
    expect((await ask(open, 'download')).code).toBe(0);
    expect(await ask(open, 'upload')).toEqual({
      code: 1,
      stderr: `ERROR: You have no write access on ${open.namespace}/${open.name}.\n`,
      answer: null,
    });
    for (const operation of ['download', 'upload'] as const) {
      const refused = await ask(hidden, operation);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Repository not found') });
      expect(await ask({ ...hidden, name: `${hidden.name}x` }, operation)).toEqual(refused);
    }
  });
});

/** Git whose ssh knows no `git-lfs-transfer`, as git-lfs before 3.0 asks for none: then LFS goes over HTTP. */
async function withoutTransfer(terminal: SshClient, client: GitClient, key: KeyPair): Promise<GitClient> {
  const script = join(terminal.directory, 'old-ssh.sh');
  const options = terminal.options(key).map((word) => `'${word}'`);
  const lines = ['case "$*" in *git-lfs-transfer*) exit 1 ;; esac', `exec ssh ${options.join(' ')} "$@"`];
  await writeFile(script, `${lines.join('\n')}\n`);
  return client.with({ GIT_SSH_COMMAND: `sh '${script}'`, GIT_SSH_VARIANT: 'ssh' });
}

/** A clone with git-lfs. */
async function cloned(
  git: GitClient,
  { ssh, user, repo }: { ssh: SshWorld; user: TestUser; repo: RepoRef },
): Promise<void> {
  await git.git('lfs', 'install', '--skip-repo');
  await git.git('config', '--global', 'user.name', user.name);
  await git.git('config', '--global', 'user.email', `${user.name}@example.test`);
  await git.git('config', '--global', 'lfs.transfer.maxretries', '1');
  await git.git('clone', '-q', ssh.sshRemote(repo), 'c');
}

describe('the real git-lfs over HTTP', () => {
  it.for(['model', 'dataset'] as const)(
    'fetches and pushes a %s',
    async (type, { ssh, terminal, client }) => {
      const { user, key } = await ssh.sshUser(terminal);
      const repo = await ssh.repo(user, { isPrivate: true, type });
      const object = ssh.object(300_000);
      await ssh.commitLfs(user, repo, 'weights.bin', object);
      const git = await withoutTransfer(terminal, client, key);
      await cloned(git, { ssh, user, repo });
      expect((await readFile(git.path('c', 'weights.bin'))).equals(object.bytes)).toBe(true);

      const mine = ssh.noise(400_000);
      await git.write('c', { 'mine.bin': mine });
      const head = await git.commitAll('c');
      const end = await git.push('c');
      expect([end.code, end.stderr]).toEqual([0, expect.stringContaining('HEAD -> main')]);
      expect(await ssh.headOf(user, repo)).toBe(head);
      const resolved = await ssh.read(user, `${webUrl(repo)}/resolve/main/mine.bin`);
      expect(resolved.statusCode).toBeLessThan(400);
      await git.git('clone', '-q', ssh.sshRemote(repo), 'again');
      expect((await readFile(git.path('again', 'mine.bin'))).equals(mine)).toBe(true);
    },
  );

  it('locks files', async ({ ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    const git = await withoutTransfer(terminal, client, key);
    await cloned(git, { ssh, user, repo });
    await git.in('c', 'lfs', 'lock', 'a.bin');
    expect(await git.in('c', 'lfs', 'locks')).toContain('a.bin');
    await git.in('c', 'lfs', 'unlock', 'a.bin');
    expect(await git.in('c', 'lfs', 'locks')).toBe('');
  });
});
