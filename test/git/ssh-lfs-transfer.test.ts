import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { LfsOperation } from '../../src/domain/lfs/lfs-credentials.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import { encodePkt } from '../../src/git/pkt-line.ts';
import { fileLine, HEADER, lfsLine, ndjson } from '../support/content.ts';
import { downloadsOf } from '../support/download-counts.ts';
import type { TestObject } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';
import { XetWorld } from '../support/xet-world.ts';
import type { GitClient } from './git-hub.ts';
import { Talk, transferCommand } from './lfs-talk.ts';
import { it, openSshWorld, type SshClient, type SshWorld } from './ssh-hub.ts';

const MIB = 2 ** 20;
const PATIENT = { timeout: 20_000 };

/** What is in the store, and what the database knows, of an object that nobody may see. */
async function traces(ssh: SshWorld, { sha256 }: TestObject): Promise<object> {
  const { store, sql } = ssh.hub.deps;
  const { objects } = await store.list({ prefix: 'uploads/' });
  const rows = await sql.query<{ object: number; link: number }>({
    text: `select (select count(*) from lfs_object where sha256 = $1) as object,
      (select count(*) from lfs_link where sha256 = $1) as link`,
    values: [Buffer.from(sha256, 'hex')],
  });
  return { uploads: objects.length, ...rows[0] };
}

const NOTHING = { uploads: 0, object: 0, link: 0 };

/** A home with git-lfs that says what it does. */
async function withLfs(git: GitClient, user: TestUser): Promise<void> {
  await git.git('lfs', 'install', '--skip-repo');
  await git.git('config', '--global', 'user.name', user.name);
  await git.git('config', '--global', 'user.email', `${user.name}@example.test`);
  await git.git('config', '--global', 'lfs.transfer.maxretries', '1');
}

async function person({ ssh, terminal, client }: { ssh: SshWorld; terminal: SshClient; client: GitClient }) {
  const { user, key } = await ssh.sshUser(terminal);
  const git = terminal.git(client, key).with({ GIT_TRACE: '1' });
  await withLfs(git, user);
  return { user, key, git };
}

/** That git-lfs asked nothing over HTTP. */
function expectPureSsh(trace: string): void {
  expect.soft(trace).toContain('attempting pure SSH protocol connection');
  expect.soft(trace).not.toMatch(/SSH protocol connection failed|git-lfs-authenticate|HTTP: /);
}

describe('the real git-lfs', () => {
  it('pushes and fetches by SSH alone', async ({ ssh, terminal, client }) => {
    const { user, git } = await person({ ssh, terminal, client });
    const repo = await ssh.repo(user, { isPrivate: true, type: 'dataset' });
    await git.git('clone', '-q', ssh.sshRemote(repo), 'c');
    await git.in('c', 'lfs', 'track', '*.bin');
    const files = {
      'big.bin': ssh.noise(20 * MIB),
      'a.bin': ssh.noise(100_000),
      'b.bin': ssh.noise(1),
      'c.bin': ssh.noise(65_516),
      'same.bin': Buffer.from('x'),
      'again.bin': Buffer.from('x'),
    };
    await git.write('c', files);
    const head = await git.commitAll('c');
    const end = await git.push('c');
    expect([end.code, end.stderr]).toEqual([0, expect.stringContaining('HEAD -> main')]);
    expectPureSsh(end.stderr);
    expect(await ssh.headOf(user, repo)).toBe(head);

    const clone = await git.try('clone', '-q', ssh.sshRemote(repo), git.path('again'));
    expect(clone.code).toBe(0);
    expectPureSsh(clone.stderr);
    for (const [name, bytes] of Object.entries(files))
      expect.soft((await readFile(git.path('again', name))).equals(bytes)).toBe(true);
    expect(await ssh.hub.deps.store.list({ prefix: 'uploads/' })).toMatchObject({ objects: [] });
    const pull = await git.try('-C', git.path('again'), 'lfs', 'fetch', '--all');
    expect(pull.code).toBe(0);
  });

  it('fetches files that came by Xet', async ({ ssh, terminal, client }) => {
    const { user, git } = await person({ ssh, terminal, client });
    const repo = await ssh.repo(user);
    const xet = new XetWorld(ssh.hub, ssh.app);
    const content = xet.randomBytes(3 * MIB);
    await xet.commitByXet(user, repo, { 'x.bin': content });
    const clone = await git.try('clone', '-q', ssh.sshRemote(repo), git.path('c'));
    expect(clone.code).toBe(0);
    expectPureSsh(clone.stderr);
    expect((await readFile(git.path('c', 'x.bin'))).equals(content)).toBe(true);
  });

  it('locks files, and holds pushes of what others have locked', async ({ ssh, terminal, client }) => {
    const { user, git } = await person({ ssh, terminal, client });
    const other = await ssh.user();
    const namespace = await ssh.org(user, [{ user: other, role: 'member' }]);
    const repo = await ssh.repo(user, { namespace });
    await git.git('clone', '-q', ssh.sshRemote(repo), 'c');
    expectPureSsh((await git.try('-C', git.path('c'), 'lfs', 'lock', 'dir/a b.bin')).stderr);
    expect(await git.in('c', 'lfs', 'locks')).toMatch(new RegExp(`dir/a b\\.bin\\s+${user.name}\\s+ID:\\d+`));
    const again = await git.try('-C', git.path('c'), 'lfs', 'lock', 'dir/a b.bin');
    expect([again.code, again.stderr]).not.toEqual([0, expect.anything()]);
    await git.in('c', 'lfs', 'unlock', 'dir/a b.bin');
    expect(await git.in('c', 'lfs', 'locks')).toBe('');

    await ssh.hub.services().lfsLocks.lock(other.actor, repo, parseRepoPath('held.bin'));
    await git.in('c', 'config', 'lfs.locksverify', 'true');
    await git.in('c', 'lfs', 'track', '*.bin');
    await git.write('c', { 'held.bin': ssh.noise(1000) });
    await git.commitAll('c');
    const refused = await git.push('c');
    expect(refused.code).not.toBe(0);
    expect(`${refused.stdout}${refused.stderr}`).toContain(`held.bin - ${other.name}`);
    expectPureSsh(refused.stderr);
  });

  it('says what the hub says', async ({ ssh, terminal, client }) => {
    const { user, git } = await person({ ssh, terminal, client });
    const owner = await ssh.user();
    const repo = await ssh.repo(user);
    const hidden = await ssh.repo(owner, { isPrivate: true });
    const secret = ssh.object();
    await ssh.commitLfs(owner, hidden, 'secret.bin', secret);
    // A pointer to somebody else's file.
    await ssh.commit(user, repo, {
      'stolen.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${secret.sha256}\nsize ${secret.bytes.length}\n`,
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    });
    const clone = await git.try('clone', ssh.sshRemote(repo), git.path('c'));
    expect(clone.code).not.toBe(0);
    expect(clone.stderr).toContain('This repository has no such object.');
  });
});

describe('an upload by hand', () => {
  it('becomes an object of the repository when it is complete', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    using talk = await Talk.open({ ssh, key }, repo, 'upload');
    expect(await talk.ask(['version 1'])).toMatchObject({ status: 200, text: '' });
    const object = ssh.object(100_000);
    const size = `size=${object.bytes.length}`;
    await talk.grant(object);
    const verify = [`verify-object ${object.sha256}`, size];
    expect(await talk.ask(verify)).toMatchObject({ status: 404 });
    expect(await talk.put(object)).toMatchObject({ status: 200, text: '' });
    expect(await talk.ask(verify)).toEqual({ status: 200, args: [], data: null, text: '' });
    expect(await talk.ask([verify[0]!, 'size=5'])).toMatchObject({ status: 400 });
    expect(await talk.batch(object)).toBe(`${object.sha256} ${object.bytes.length} noop`);
    // The same again is refused, and the conversation goes on.
    expect(await talk.put(object)).toMatchObject({ status: 404, text: expect.stringMatching(/over/) });
    expect(await traces(ssh, object)).toEqual({ uploads: 0, object: 1, link: 1 });
    expect(await talk.ask(['quit'])).toEqual({ status: 200, args: [], data: null, text: '' });
    expect(await talk.isOver()).toBe(true);
  });

  it('of other bytes leaves nothing behind', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    const object = ssh.object(100_000);
    using talk = await Talk.open({ ssh, key }, repo, 'upload');
    await talk.grant(object);
    const other = Buffer.from(object.bytes);
    other[50_000]! ^= 1;
    expect(await talk.put(object, other)).toMatchObject({
      status: 400,
      text: expect.stringMatching(/sha256/),
    });
    expect(await traces(ssh, object)).toEqual(NOTHING);
    expect(await talk.put(object, other.subarray(1))).toMatchObject({
      status: 400,
      text: expect.stringMatching(/100000 bytes/),
    });
    expect(await traces(ssh, object)).toEqual(NOTHING);
    expect(await talk.put({ ...object, bytes: other.subarray(2) })).toMatchObject({ status: 404 });
    expect(await talk.put({ ...object, sha256: ssh.object().sha256 })).toMatchObject({ status: 404 });
    expect(await traces(ssh, object)).toEqual(NOTHING);
    const read = talk.ask([`verify-object ${object.sha256}`, 'size=100000']);
    expect(await read).toMatchObject({ status: 404 });
    // More than was announced ends the conversation.
    const more = Buffer.concat([object.bytes, object.bytes]);
    expect(await talk.put(object, more)).toMatchObject({
      status: 400,
      text: 'The request of git-lfs has more bytes than its size says.',
    });
    expect(await talk.isOver()).toBe(true);
    expect(await traces(ssh, object)).toEqual(NOTHING);
    // The grant is still good.
    using second = await Talk.open({ ssh, key }, repo, 'upload');
    expect(await second.put(object)).toMatchObject({ status: 200 });
  });

  it('that breaks off leaves nothing behind', async ({ terminal }) => {
    await using ssh = await openSshWorld();
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    const object = ssh.object(3 * MIB);
    const arriving = async (): Promise<number> =>
      (await readdir(join(ssh.hub.config.dataDir, 'objects', 'tmp'))).length;
    for (const cut of ['end', 'connection'] as const) {
      using talk = await Talk.open({ ssh, key }, repo, 'upload');
      await talk.grant(object);
      talk.beginPut(object);
      for (let at = 0; at < 2 * MIB; at += 32_768)
        talk.send(encodePkt(object.bytes.subarray(at, at + 32_768)));
      await expect.poll(arriving, PATIENT).toBe(1);
      if (cut === 'end') talk.channel.end();
      else talk[Symbol.dispose]();
      await expect.poll(arriving, PATIENT).toBe(0);
      expect(await traces(ssh, object)).toEqual(NOTHING);
    }
  });

  it('needs what a push needs', async ({ ssh, terminal }) => {
    const owner = await ssh.user();
    const { user, key } = await ssh.sshUser(terminal);
    const namespace = await ssh.org(owner, [{ user, role: 'visitor' }]);
    const readable = await ssh.repo(owner, { namespace, isPrivate: true });
    const hidden = await ssh.repo(owner, { isPrivate: true });
    const ask = (repo: RepoRef, operation: LfsOperation) =>
      terminal.ssh(ssh.door, key, {}, transferCommand(repo, operation));
    expect(await ask(readable, 'upload')).toEqual({
      code: 1,
      stdout: '',
      stderr: `ERROR: You have no write access on ${namespace}/${readable.name}.\n`,
    });
    expect(await ask(readable, 'download')).toMatchObject({
      code: 0,
      stdout: '000eversion=1\n000clocking\n0000',
    });
    for (const operation of ['download', 'upload'] as const) {
      const refused = await ask(hidden, operation);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Repository not found') });
      expect(await ask({ ...hidden, name: `${hidden.name}x` }, operation)).toEqual(refused);
    }
    const object = ssh.object();
    using talk = await Talk.open({ ssh, key }, readable, 'download');
    for (const line of [`put-object ${object.sha256}`, `verify-object ${object.sha256}`, 'lock', 'unlock 1'])
      expect.soft(await talk.ask([line, 'size=1', 'path=a'])).toMatchObject({ status: 403 });
    expect(await talk.ask(['list-lock'])).toMatchObject({ status: 200, text: '' });
  });

  it('needs a grant of the caller, for this repository', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const stranger = await ssh.sshUser(terminal);
    const colleague = await ssh.sshUser(terminal);
    const namespace = await ssh.org(user, [{ user: colleague.user, role: 'member' }]);
    const repo = await ssh.repo(user, { namespace });
    const theirs = await ssh.repo(stranger.user);
    const object = ssh.object();
    using mine = await Talk.open({ ssh, key }, repo, 'upload');
    using other = await Talk.open({ ssh, key: stranger.key }, theirs, 'upload');
    await mine.grant(object);
    expect(await other.put(object)).toMatchObject({ status: 404 });
    using third = await Talk.open({ ssh, key: colleague.key }, repo, 'upload');
    expect(await third.put(object)).toMatchObject({ status: 404 });
    const verify = [`verify-object ${object.sha256}`, `size=${object.bytes.length}`];
    expect(await other.ask(verify)).toMatchObject({ status: 404 });
    expect(await traces(ssh, object)).toEqual(NOTHING);
    expect(await mine.put(object)).toMatchObject({ status: 200 });
    // To know the hash of what is elsewhere proves nothing.
    await other.grant(object);
    using reader = await Talk.open({ ssh, key: stranger.key }, theirs, 'download');
    const get = [`get-object ${object.sha256}`];
    expect(await reader.ask(get)).toMatchObject({ status: 404, text: 'This repository has no such object.' });
  });

  it('of somebody who proposes changes waits for the commit', async ({ ssh, terminal }) => {
    const owner = await ssh.user();
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(owner);
    await ssh.commit(owner, repo, { 'a.txt': 'x' });
    const proposal = ssh.object(100);
    await ssh.upload(user, repo, proposal, null);
    const lines = ndjson([HEADER, fileLine('b.txt', 'x'), lfsLine('p.bin', proposal)]);
    const opened = await ssh.sendCommit(user, repo, lines, { revision: 'main?create_pr=1' });
    expect([opened.statusCode, opened.body]).toEqual([200, expect.any(String)]);
    using talk = await Talk.open({ ssh, key }, repo, 'upload');
    const object = ssh.object();
    expect(
      await talk.ask(['batch', 'refname=refs/heads/main'], [`${object.sha256} ${object.bytes.length}`]),
    ).toMatchObject({ status: 403 });
    await talk.grant(object, 'refs/pr/1');
    expect(await talk.put(object)).toMatchObject({ status: 200 });
    const verify = [`verify-object ${object.sha256}`, `size=${object.bytes.length}`];
    expect(await talk.ask(verify)).toMatchObject({ status: 200 });
    expect(await traces(ssh, object)).toMatchObject({ object: 0, link: 0 });
  });
});

describe('a conversation', () => {
  it('gives what the history of the repository names', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    const object = ssh.object(200_000);
    await ssh.commitLfs(user, repo, 'a.bin', object);
    const pending = ssh.object();
    await ssh.upload(user, repo, pending);
    using talk = await Talk.open({ ssh, key }, repo, 'download');
    expect(await talk.batch(object)).toBe(`${object.sha256} 200000 download`);
    expect(await downloadsOf(ssh.hub, repo)).toBe(1);
    const get = `get-object ${object.sha256}`;
    const got = await talk.ask([get, 'size=200000']);
    expect(got).toMatchObject({ status: 200, args: ['size=200000'] });
    expect(got.data!.equals(object.bytes)).toBe(true);
    expect((await talk.ask([get])).data!.equals(object.bytes)).toBe(true);
    expect(await talk.ask([get, 'size=5'])).toMatchObject({ status: 400 });
    expect(await talk.ask([get, 'size=x'])).toMatchObject({ status: 400 });
    expect(await talk.ask([`get-object ${pending.sha256}`])).toMatchObject({ status: 404 });
    expect(await talk.ask(['get-object x'])).toMatchObject({ status: 400 });
    // It ends with the right to read.
    await ssh.hub.services().repos.delete(user.actor, repo);
    expect(await talk.ask([get])).toMatchObject({ status: 404, text: expect.stringContaining('not found') });
  });

  it('ends with the key', async ({ ssh, terminal }) => {
    const { user, key, keyId } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    using talk = await Talk.open({ ssh, key }, repo, 'download');
    expect(await talk.ask(['list-lock'])).toMatchObject({ status: 200 });
    await ssh.hub.services().sshKeys.delete(user.actor, keyId);
    expect(await talk.ask(['list-lock'])).toMatchObject({ status: 401 });
    expect(await talk.isOver()).toBe(true);
  });

  it('has locks', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const member = await ssh.user();
    const namespace = await ssh.org(user, [{ user: member, role: 'member' }]);
    const repo = await ssh.repo(user, { namespace });
    using talk = await Talk.open({ ssh, key }, repo, 'upload');
    const made = await talk.ask(['lock', 'path=dir/a b.bin', 'refname=refs/heads/main']);
    const fields = [
      expect.stringMatching(/^id=\d+$/),
      'path=dir/a b.bin',
      expect.stringMatching(/^locked-at=20.+Z$/),
      `ownername=${user.name}`,
    ];
    expect(made).toEqual({ status: 201, args: fields, data: null, text: '' });
    const taken = { status: 409, args: made.args, text: expect.stringMatching(/is locked by/) };
    expect(await talk.ask(['lock', 'path=dir/a b.bin'])).toMatchObject(taken);
    const held = await ssh.hub.services().lfsLocks.lock(member.actor, repo, parseRepoPath('b.bin'));
    const id = made.args[0]!.slice(3);
    const first = await talk.ask(['list-lock', 'limit=1']);
    expect(first).toMatchObject({ status: 200, args: [`next-cursor=${id}`] });
    expect(first.text.split('\n')).toEqual([
      `lock ${id}`,
      `path ${id} dir/a b.bin`,
      expect.stringMatching(new RegExp(`^locked-at ${id} 20.+Z$`)),
      `ownername ${id} ${user.name}`,
      `owner ${id} ours`,
    ]);
    const second = await talk.ask(['list-lock', `cursor=${id}`]);
    expect(second.text).toContain(`owner ${held.id} theirs`);
    expect(second.args).toEqual([]);
    expect((await talk.ask(['list-lock', 'path=b.bin'])).text).toMatch(new RegExp(`^lock ${held.id}\n`));
    expect(await talk.ask(['list-lock', 'cursor=x'])).toMatchObject({ status: 400 });
    expect(await talk.ask(['list-lock', 'limit=x'])).toMatchObject({ status: 400 });
    expect(await talk.ask(['lock', 'path=../x'])).toMatchObject({ status: 422 });
    expect(await talk.ask([`unlock ${held.id}`])).toMatchObject({ status: 403 });
    expect(await talk.ask([`unlock ${held.id}`, 'force=true'])).toMatchObject({ status: 200 });
    expect(await talk.ask([`unlock ${id}`])).toEqual({ ...made, status: 200 });
    expect(await talk.ask([`unlock ${id}`])).toMatchObject({ status: 404 });
  });

  it('takes a batch as HTTP does', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    using talk = await Talk.open({ ssh, key }, repo, 'upload');
    const objects = Array.from({ length: 1001 }, () => `${ssh.object(1).sha256} 1`);
    const ask = (lines: readonly string[], ...args: readonly string[]) => talk.ask(['batch', ...args], lines);
    expect(await ask(objects)).toMatchObject({ status: 413, text: 'Ask for at most 1000 objects at once.' });
    expect(await ask(['x 1'])).toMatchObject({ status: 400, text: expect.stringMatching(/SHA-256/) });
    expect(await ask([`${ssh.object().sha256} -1`])).toMatchObject({ status: 400 });
    expect(await ask([ssh.object().sha256])).toMatchObject({ status: 400 });
    expect(await ask([], 'hash-algo=sha1')).toMatchObject({ status: 409 });
    expect(await ask([])).toMatchObject({ status: 200, args: ['hash-algo=sha256'], text: '' });
    // Larger than one PUT of an object store, which is not asked here.
    expect(await ask([`${ssh.object().sha256} ${6 * 2 ** 30}`])).toMatchObject({ status: 200 });
    expect(await ask([`${ssh.object().sha256} ${6 * 2 ** 40}`])).toMatchObject({ status: 413 });
  });

  it.for([
    ['a line without end', ['x'.repeat(8193)], 400],
    ['lines without end', Array.from({ length: 200 }, () => 'x'.repeat(8000)), 400],
  ] as const)('ends after %s', async ([_name, lines, status], { ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    using talk = await Talk.open({ ssh, key }, repo, 'upload');
    expect(await talk.ask(['batch', ...lines])).toMatchObject({ status });
    expect(await talk.isOver()).toBe(true);
  });

  it('ends after what is no packet, and goes on after what is no command', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    using talk = await Talk.open({ ssh, key }, repo, 'upload');
    expect(await talk.ask(['dance'], ['x'])).toMatchObject({ status: 400 });
    expect(await talk.ask([])).toMatchObject({ status: 400 });
    expect(await talk.ask(['version 2'])).toMatchObject({ status: 400 });
    expect(await talk.ask(['version 1'])).toMatchObject({ status: 200 });
    talk.send(Buffer.from('nope'));
    expect(await talk.answer()).toMatchObject({ status: 400 });
    expect(await talk.isOver()).toBe(true);
  });

  it('may pause between requests, and not within one', async ({ terminal }) => {
    await using ssh = await openSshWorld({}, { inputMs: 300 });
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    using talk = await Talk.open({ ssh, key }, repo, 'upload');
    talk.send(encodePkt('batch\n'));
    expect(await talk.isOver()).toBe(true);
    await using brief = await openSshWorld({}, { pauseMs: 300 });
    const second = await brief.sshUser(terminal);
    using silent = await Talk.open({ ssh: brief, key: second.key }, await brief.repo(second.user), 'upload');
    expect(await silent.isOver()).toBe(true);
  });
});
