import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2, { type ConnectConfig, type ParsedKey } from 'ssh2';
import { describe, expect } from 'vitest';
import { SIGNATURE_ALGORITHMS } from '../../facade/ssh/ssh-login.ts';
import { it, KEY_KINDS, openSshWorld, type SshWorld } from './ssh-hub.ts';

const execFileAsync = promisify(execFile);
const DENIED = 'git@127.0.0.1: Permission denied (publickey).';
const RSA = ['-t', 'rsa', '-b', '2048'] as const;
const FIXTURES = join(import.meta.dirname, 'fixtures');

function greeting(name: string): string {
  return `Hi ${name}, you are logged in to Kohaku Hub. It has no shell, but it knows Git.\n`;
}

/** How a login ends for a client that is not OpenSSH: `in`, or what went wrong. */
async function loginBy(world: SshWorld, settings: ConnectConfig): Promise<string> {
  const client = new ssh2.Client();
  try {
    return await new Promise((resolve) => {
      client.once('ready', () => resolve('in'));
      client.once('error', (error: Error) => resolve(error.message));
      client.connect({ host: '127.0.0.1', port: world.door.port, username: 'git', ...settings });
    });
  } finally {
    client.end();
  }
}

/** Shows one key and signs by another. */
class ForgingAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #shown: ParsedKey;
  readonly #used: ParsedKey;

  constructor(shown: ParsedKey, used: ParsedKey) {
    super();
    this.#shown = shown;
    this.#used = used;
  }

  override getIdentities(done: (error: undefined, keys: ParsedKey[]) => void): void {
    done(undefined, [this.#shown]);
  }

  override sign(_key: ParsedKey, data: Buffer, ...rest: readonly unknown[]): void {
    const done = rest.at(-1) as (error: null, signature: Buffer) => void;
    done(null, this.#used.sign(data));
  }
}

describe('a login', () => {
  it.for(KEY_KINDS)(
    'by a key of type $type is greeted by name',
    async ({ args, type }, { ssh, terminal }) => {
      const user = await ssh.user();
      const key = await terminal.keyPair(args);
      expect(key.line.startsWith(`${type} `)).toBe(true);
      await ssh.addKey(user, key);
      const end = await terminal.ssh(ssh.door, key, {}, '-T');
      expect(end).toEqual({ code: 0, stdout: '', stderr: greeting(user.name) });
    },
  );

  it.for([
    ...KEY_KINDS.flatMap(({ args, type }) => (type === 'ssh-rsa' ? [] : [{ algorithm: type, args }])),
    { algorithm: 'rsa-sha2-512', args: RSA },
    { algorithm: 'rsa-sha2-256', args: RSA },
    // What the client would rather use is refused here, so the hub must not say that it takes it.
    { algorithm: 'ssh-rsa,rsa-sha2-512', args: RSA },
  ])('is signed by $algorithm where the client knows nothing else', async (kind, { ssh, terminal }) => {
    const user = await ssh.user();
    const key = await terminal.keyPair(kind.args);
    await ssh.addKey(user, key);
    const settings = [`PubkeyAcceptedAlgorithms=${kind.algorithm}`];
    const end = await terminal.ssh(ssh.door, key, { settings }, '-T');
    expect(end).toEqual({ code: 0, stdout: '', stderr: greeting(user.name) });
  });

  it('may be signed by what the hub takes, and by nothing else', async ({ ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    // Keys are exchanged again after so much.
    const settings = ['RekeyLimit=1K'];
    const { stderr } = await terminal.ssh(ssh.door, key, { settings }, '-v', '-T');
    const told = [...stderr.matchAll(/server-sig-algs=<(.*)>/g)].map(([, names]) => names!.split(','));
    expect(told).toEqual([SIGNATURE_ALGORITHMS]);
  });

  it('by a key of type ssh-dss, which newer versions of OpenSSH do not know any more', async ({ ssh }) => {
    const user = await ssh.user();
    const privateKey = await readFile(join(FIXTURES, 'dsa-key'));
    const line = await readFile(join(FIXTURES, 'dsa-key.pub'), 'utf8');
    expect(await loginBy(ssh, { privateKey })).toContain('All configured authentication methods failed');
    await ssh.addKey(user, { file: '', line });
    expect(await loginBy(ssh, { privateKey })).toBe('in');
  });

  it('gets no terminal, also where one is insisted on', async ({ ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    const end = await terminal.ssh(ssh.door, key, {}, '-tt');
    expect([end.code, end.stderr.trim()]).toEqual([255, 'PTY allocation request failed on channel 0']);
  });

  it('is refused to a key that nobody has', async ({ ssh, terminal }) => {
    const end = await terminal.ssh(ssh.door, await terminal.keyPair(), {}, '-T');
    expect([end.code, end.stderr.trim()]).toEqual([255, DENIED]);
  });

  it('finds the right one of many keys', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const others = await Promise.all(Array.from({ length: 8 }, () => terminal.keyPair()));
    const settings = others.map(({ file }) => `IdentityFile=${file}`);
    const end = await terminal.ssh(
      ssh.door,
      others[0]!,
      { settings: [...settings, `IdentityFile=${key.file}`] },
      '-T',
    );
    expect([end.code, end.stderr]).toEqual([0, greeting(user.name)]);
  });

  it('is refused to who tries too many', async ({ ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    const others = await Promise.all(Array.from({ length: 21 }, () => terminal.keyPair()));
    const settings = [...others.map(({ file }) => `IdentityFile=${file}`), `IdentityFile=${key.file}`];
    const end = await terminal.ssh(ssh.door, others[0]!, { settings }, '-T');
    expect(end.code).toBe(255);
  });

  it('is refused to every other name', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    for (const name of ['root', user.name, 'GIT', 'git ']) {
      const end = await terminal.ssh(ssh.door, key, { user: name }, '-T');
      expect
        .soft([name, end.code, end.stderr.trim()])
        .toEqual([name, 255, expect.stringContaining('Permission denied (publickey)')]);
    }
  });

  it('is possible by keys only', async ({ ssh, terminal }) => {
    const user = await ssh.user();
    const none = await terminal.ssh(
      ssh.door,
      null,
      { settings: ['PreferredAuthentications=none,password'] },
      '-T',
    );
    expect([none.code, none.stderr.trim()]).toEqual([255, DENIED]);
    for (const tryKeyboard of [false, true]) {
      const said = await loginBy(ssh, { password: user.password, tryKeyboard });
      expect(said).toContain('All configured authentication methods failed');
    }
  });

  it('needs the private key', async ({ ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    const other = await terminal.keyPair();
    const parsed = ssh2.utils.parseKey(await readFile(other.file));
    const shown = ssh2.utils.parseKey(key.line);
    if (parsed instanceof Error || shown instanceof Error) throw new Error('no key');
    const agent = new ForgingAgent(shown, parsed) as unknown as NonNullable<ConnectConfig['agent']>;
    expect(await loginBy(ssh, { agent })).toContain('All configured authentication methods failed');
  });

  it('by RSA is refused with SHA-1', async ({ ssh, terminal }) => {
    const user = await ssh.user();
    const key = await terminal.keyPair(['-t', 'rsa', '-b', '2048']);
    await ssh.addKey(user, key);
    const old = await terminal.ssh(ssh.door, key, { settings: ['PubkeyAcceptedAlgorithms=ssh-rsa'] }, '-T');
    expect([old.code, old.stderr.trim()]).toEqual([255, DENIED]);
    expect(
      (await terminal.ssh(ssh.door, key, { settings: ['PubkeyAcceptedAlgorithms=rsa-sha2-256'] }, '-T')).code,
    ).toBe(0);
  });
});

describe('a key', () => {
  it('that is deleted is refused at once, also on a connection that is open', async ({ ssh, terminal }) => {
    const { user, key, keyId } = await ssh.sshUser(terminal);
    const shared = {
      settings: [`ControlPath=${terminal.directory}/s`, 'ControlMaster=auto', 'ControlPersist=30'],
    };
    expect((await terminal.ssh(ssh.door, key, shared, '-T')).code).toBe(0);
    expect((await terminal.ssh(ssh.door, key, shared, '-T')).code).toBe(0);
    await ssh.hub.services().sshKeys.delete(user.actor, keyId);
    const open = await terminal.ssh(ssh.door, key, shared, '-T');
    expect([open.code, open.stderr]).toEqual([1, 'ERROR: You are not logged in any more.\n']);
    await execFileAsync('ssh', [...terminal.options(key, ...shared.settings), '-O', 'exit', '127.0.0.1']);
    const again = await terminal.ssh(ssh.door, key, {}, '-T');
    expect([again.code, again.stderr.trim()]).toEqual([255, DENIED]);
  });

  it('of a suspended account is refused like one of nobody', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    await ssh.setAccount(user, 'is_active = false');
    const end = await terminal.ssh(ssh.door, key, {}, '-T');
    expect([end.code, end.stderr.trim()]).toEqual([255, DENIED]);
  });

  it('of an account without a verified address is refused where one is needed', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    await ssh.setAccount(user, 'email_verified_at = null');
    expect((await terminal.ssh(ssh.door, key, {}, '-T')).code).toBe(0);
    await using strict = await openSshWorld({ REQUIRE_EMAIL_VERIFICATION: 'true' });
    const other = await strict.user();
    const otherKey = await terminal.keyPair();
    await strict.addKey(other, otherKey);
    expect((await terminal.ssh(strict.door, otherKey, {}, '-T')).code).toBe(0);
    await strict.setAccount(other, 'email_verified_at = null');
    const end = await terminal.ssh(strict.door, otherKey, {}, '-T');
    expect([end.code, end.stderr.trim()]).toEqual([255, DENIED]);
  });

  it('remembers when it was last used', async ({ ssh, terminal }) => {
    const { user, key, keyId } = await ssh.sshUser(terminal);
    const lastUsed = async (): Promise<Date | null> => {
      await ssh.hub.deps.auth.sshKeyUse.flush();
      return (await ssh.hub.services().sshKeys.get(user.actor, keyId)).lastUsedAt;
    };
    const before = Date.now();
    // Showing it is not using it.
    await terminal.ssh(ssh.door, key, { user: 'root' }, '-T');
    expect(await lastUsed()).toBeNull();
    await terminal.ssh(ssh.door, key, {}, '-T');
    const at = (await lastUsed())!.getTime();
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });
});

describe('there is no', () => {
  it.for([
    'ls',
    'sh',
    'id; ls',
    'git --version',
    'git-upload-pack',
    "git-upload-pack 'a/b'; id",
    "git-upload-archive 'a/b'",
    'scp -f /etc/passwd',
    'rsync --server --sender . /etc',
    'internal-sftp',
    ' '.repeat(2000),
  ])('command %j', async (line, { ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    const end = await terminal.ssh(ssh.door, key, {}, line);
    expect([end.code, end.stdout]).toEqual([1, '']);
    expect(end.stderr).toContain('ERROR: The hub runs only commands of Git and git-lfs');
  });

  it('sftp and scp', async ({ ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    const sftp = await terminal.ssh(ssh.door, key, {}, '-s', 'sftp');
    expect([sftp.code, sftp.stderr.trim()]).toEqual([255, 'subsystem request failed on channel 0']);
    const options = [...terminal.options(key), '-P', String(ssh.door.port)];
    const scp = await terminal.run('scp', [...options, 'git@127.0.0.1:/etc/passwd', 'passwd']);
    expect(scp.code).not.toBe(0);
  });

  it('forwarding of ports, sockets, agents and displays', async ({ ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    const refused = { settings: ['ExitOnForwardFailure=yes'] };
    const remote = await terminal.ssh(ssh.door, key, refused, '-R', '0:127.0.0.1:22', '-T');
    expect(remote.code).toBe(255);
    const socket = await terminal.ssh(ssh.door, key, refused, '-R', '/tmp/x:127.0.0.1:22', '-T');
    expect(socket.code).toBe(255);
    const direct = await terminal.ssh(ssh.door, key, {}, '-W', `127.0.0.1:${ssh.door.port}`);
    expect([direct.code, direct.stderr.trim()]).toEqual([255, 'stdio forwarding failed']);
    // What a client may ask for without insisting is not there, and does no harm.
    const agent = await terminal.ssh(ssh.door, key, { settings: ['ForwardAgent=yes'] }, '-T');
    expect(agent.code).toBe(0);
  });

  it('variable but GIT_PROTOCOL', async ({ ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    const end = await terminal.ssh(ssh.door, key, { settings: ['SetEnv=GIT_CONFIG_COUNT=1'] }, '-T');
    expect(end.code).toBe(0);
  });
});
