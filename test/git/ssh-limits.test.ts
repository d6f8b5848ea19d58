import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { describe, expect, vi } from 'vitest';
import { openSsh } from '../../src/server/ssh.ts';
import { it, type KeyPair, openSshWorld, type SshWorld } from './ssh-hub.ts';

const PATIENT = { timeout: 20_000 };

/** A client that is not OpenSSH, logged in. */
async function login(world: SshWorld, key: KeyPair): Promise<Client> {
  const client = new ssh2.Client();
  const privateKey = await readFile(key.file);
  client.connect({ host: '127.0.0.1', port: world.door.port, username: 'git', privateKey });
  await once(client, 'ready');
  client.on('error', () => {});
  return client;
}

function exec(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, { env: { GIT_PROTOCOL: 'version=2' } }, (error, channel) =>
      error ? reject(error) : resolve(channel),
    );
  });
}

/** A connection that says nothing; resolves when the hub greets it, or has closed it. */
async function knock(world: SshWorld): Promise<{ socket: Socket; isGreeted: boolean }> {
  const socket = connect(world.door.port, '127.0.0.1');
  socket.on('error', () => {});
  const isGreeted = await Promise.race([
    once(socket, 'data').then(() => true),
    once(socket, 'close').then(() => false),
  ]);
  return { socket, isGreeted };
}

async function closed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}

describe('connections', () => {
  it('are so many of one address, and others are let in when they end', async ({ terminal }) => {
    await using world = await openSshWorld({ SSH_MAX_CONNECTIONS_PER_ADDRESS: '2' });
    const { key } = await world.sshUser(terminal);
    const first = await knock(world);
    const second = await knock(world);
    expect([first.isGreeted, second.isGreeted]).toEqual([true, true]);
    expect((await knock(world)).isGreeted).toBe(false);
    expect((await terminal.ssh(world.door, key, {}, '-T')).code).toBe(255);
    first.socket.destroy();
    await expect.poll(() => world.door.connectionCount, PATIENT).toBe(1);
    expect((await terminal.ssh(world.door, key, {}, '-T')).code).toBe(0);
    second.socket.destroy();
  });

  it('are so many in total', async () => {
    await using world = await openSshWorld({ SSH_MAX_CONNECTIONS: '1' });
    const first = await knock(world);
    expect([first.isGreeted, (await knock(world)).isGreeted]).toEqual([true, false]);
    first.socket.destroy();
  });

  it('that do not log in are so many, and are not kept', async ({ terminal }) => {
    await using world = await openSshWorld({}, { newConnections: 1, loginMs: 1000 });
    const { key } = await world.sshUser(terminal);
    const client = await login(world, key);
    // Who is logged in takes nobody's place.
    const first = await knock(world);
    expect([first.isGreeted, (await knock(world)).isGreeted]).toEqual([true, false]);
    await closed(first.socket);
    client.end();
  });

  it('on which nothing runs are closed after a while', async ({ terminal }) => {
    await using world = await openSshWorld({}, { idleMs: 100 });
    const { key } = await world.sshUser(terminal);
    const client = await login(world, key);
    await once(client, 'close');
  });

  it('of who speaks something else are closed', async ({ ssh }) => {
    for (const text of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'SSH-1.5-old\r\n', 'x'.repeat(100_000)]) {
      const socket = connect(ssh.door.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(text);
      socket.end();
      await closed(socket);
    }
  });
});

describe('a client', () => {
  it('has so many channels at once, and so many in all', async ({ terminal }) => {
    await using world = await openSshWorld({}, { channels: 2, channelsInTotal: 4 });
    const { user, key } = await world.sshUser(terminal);
    const repo = await world.repo(user);
    const command = `git-upload-pack '${repo.namespace}/${repo.name}'`;
    const client = await login(world, key);
    const first = await exec(client, command);
    const second = await exec(client, command);
    await expect(exec(client, command)).rejects.toThrow('Channel open failure');
    for (const channel of [first, second]) {
      channel.end('0000');
      channel.resume();
      await once(channel, 'close');
    }
    for (let count = 0; count < 2; count++) {
      const channel = await exec(client, 'ls');
      channel.resume();
      await once(channel, 'close');
    }
    await expect(exec(client, command)).rejects.toThrow('Channel open failure');
    client.end();
  });

  it.for([
    ['says nothing', { inputMs: 200 }, 'ERROR: The client said nothing for too long.\n'],
    ['takes too long', { commandMs: 200 }, 'ERROR: The command took too long.\n'],
  ] as const)('that %s loses its command', async ([_name, limits, text], { terminal }) => {
    await using world = await openSshWorld({}, limits);
    const { user, key } = await world.sshUser(terminal);
    const repo = await world.repo(user);
    for (const version of ['0', '2']) {
      const command = `git-upload-pack '${repo.namespace}/${repo.name}'`;
      // Its input stays open.
      const end = await terminal.ssh(world.door, key, { version, input: null }, command);
      expect.soft([version, end.code, end.stderr]).toEqual([version, 1, text]);
    }
  });

  it('that takes nothing loses its command, and keeps no git', async ({ terminal }) => {
    await using world = await openSshWorld({}, { outputMs: 300 });
    const { user, key } = await world.sshUser(terminal);
    const repo = await world.repo(user);
    const head = await world.commit(user, repo, { 'big.bin': world.noise(9_000_000) });
    const client = await login(world, key);
    const channel = await exec(client, `git-upload-pack '${repo.namespace}/${repo.name}'`);
    channel.write(fetchRequest(head));
    // Nobody reads: the window closes.
    channel.pause();
    await once(channel, 'exit');
    await expect.poll(() => world.hub.deps.git.runner.runningCount, PATIENT).toBe(0);
    client.end();
  });

  it('that goes away in the middle keeps no git', async ({ terminal }) => {
    await using world = await openSshWorld();
    const { user, key } = await world.sshUser(terminal);
    const repo = await world.repo(user);
    const head = await world.commit(user, repo, { 'big.bin': world.noise(9_000_000) });
    const client = await login(world, key);
    const channel = await exec(client, `git-upload-pack '${repo.namespace}/${repo.name}'`);
    channel.write(fetchRequest(head));
    await once(channel, 'data');
    channel.pause();
    await expect.poll(() => world.hub.deps.git.runner.runningCount, PATIENT).toBe(1);
    client.destroy();
    await expect.poll(() => world.hub.deps.git.runner.runningCount, PATIENT).toBe(0);
  });
});

/** A whole `fetch` of version 2. */
function fetchRequest(head: string): string {
  const lines = ['command=fetch\n', '', `want ${head}\n`, 'done\n'];
  const pkts = lines.map((line) =>
    line === '' ? '0001' : (line.length + 4).toString(16).padStart(4, '0') + line,
  );
  return `${pkts.join('')}0000`;
}

/** What ssh2 does on the other side too; these clients do what no client does. */
interface Internals {
  readonly _sock: Socket;
  readonly _protocol: {
    session(channel: number, window: number, packetBytes: number): void;
    channelData(channel: number, data: Buffer): void;
    rekey(): void;
    exec(channel: number, command: string, wantsReply: boolean): void;
  };
}

describe('a hostile client', () => {
  it('cannot ask for packets of nothing', async ({ ssh, terminal }) => {
    const { key } = await ssh.sshUser(terminal);
    const client = await login(ssh, key);
    const protocol = (client as unknown as Internals)._protocol;
    protocol.session(0, 1_000_000, 0);
    protocol.exec(0, 'ls', true);
    await once(client, 'close');
    expect((await terminal.ssh(ssh.door, key, {}, '-T')).code).toBe(0);
  });

  it('cannot send more than the hub takes', async ({ ssh, terminal }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const repo = await ssh.repo(user);
    const head = await ssh.commit(user, repo, { 'big.bin': ssh.noise(9_000_000) });
    const client = await login(ssh, key);
    const channel = await exec(client, `git-upload-pack '${repo.namespace}/${repo.name}'`);
    channel.write(fetchRequest(head));
    await once(channel, 'data');
    // The hub waits for somebody to read, and does not read itself: what comes is beyond every window.
    channel.pause();
    const data = Buffer.alloc(32_000, 'x');
    await flood(client, ({ _protocol: protocol }) => protocol.channelData(0, data), 5000);
    expect((await terminal.ssh(ssh.door, key, {}, '-T')).code).toBe(0);
  });

  it('cannot make the hub keep what it does not read', async ({ terminal }) => {
    await using world = await openSshWorld({}, { outputMs: 500 });
    const { user, key } = await world.sshUser(terminal);
    const repo = await world.repo(user);
    const head = await world.commit(user, repo, { 'big.bin': world.noise(40_000_000) });
    const client = await login(world, key);
    const { _protocol: protocol, _sock: socket } = client as unknown as Internals;
    // A window of 4 GB, behind which nobody reads.
    protocol.session(0, 2 ** 32 - 1, 32_768);
    protocol.exec(0, `git-upload-pack '${repo.namespace}/${repo.name}'`, true);
    protocol.channelData(0, Buffer.from(conversation(head)));
    await expect.poll(() => socket.bytesRead, PATIENT).toBeGreaterThan(1_000_000);
    socket.pause();
    await expect.poll(() => world.hub.deps.git.runner.runningCount, PATIENT).toBe(0);
    // All that the hub had for it.
    socket.resume();
    const read = await settled(() => socket.bytesRead);
    expect(read).toBeLessThan(30_000_000);
    client.destroy();
  });

  it('cannot make the hub keep what waits for an exchange of keys that never ends', async ({ terminal }) => {
    await using world = await openSshWorld({}, { outputMs: 500 });
    const { user, key } = await world.sshUser(terminal);
    const repo = await world.repo(user);
    const head = await world.commit(user, repo, { 'big.bin': world.noise(40_000_000) });
    // What a command took is told there only.
    const said = vi.spyOn(world.hub.log, 'info');
    const client = await login(world, key);
    const { _protocol: protocol, _sock: socket } = client as unknown as Internals;
    protocol.session(0, 2 ** 32 - 1, 32_768);
    protocol.exec(0, `git-upload-pack '${repo.namespace}/${repo.name}'`, true);
    await expect.poll(() => world.hub.deps.git.runner.runningCount, PATIENT).toBe(1);
    protocol.channelData(0, Buffer.from(conversation(head)));
    protocol.rekey();
    // It hears nothing from here on, and so it never answers.
    socket.removeAllListeners('data');
    socket.resume();
    await expect.poll(() => world.hub.deps.git.runner.runningCount, PATIENT).toBe(0);
    const call = await vi.waitUntil(
      () => said.mock.calls.find((args: unknown[]) => args[1] === 'ssh'),
      PATIENT,
    );
    expect(call[0]).toMatchObject({ code: 1, sentBytes: expect.any(Number) });
    expect((call[0] as { sentBytes: number }).sentBytes).toBeLessThan(5_000_000);
    client.destroy();
  });
});

/** Does something so many times, or until the hub has closed the connection, which it must. */
async function flood(client: Client, act: (internals: Internals) => void, count: number): Promise<void> {
  const internals = client as unknown as Internals;
  // Not `once`, which takes the error that comes before it for its own.
  const isClosed = new Promise<void>((resolve) => void client.once('close', () => resolve()));
  for (let done = 0; done < count && !internals._sock.destroyed; done++) {
    act(internals);
    if (done % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await isClosed;
}

/** A value that does not change any more. */
async function settled(read: () => number): Promise<number> {
  let last = -1;
  await expect
    .poll(
      () => {
        const isSame = read() === last;
        last = read();
        return isSame;
      },
      { ...PATIENT, interval: 300 },
    )
    .toBe(true);
  return last;
}

/** All that a client of version 0 says when it has nothing. */
function conversation(head: string): string {
  const want = `want ${head} no-progress\n`;
  return `${(want.length + 4).toString(16).padStart(4, '0')}${want}00000009done\n`;
}

describe('the host keys', () => {
  it('are made once, for nobody else to read, and kept', async ({ terminal }) => {
    const world = await openSshWorld();
    const { key } = await world.sshUser(terminal);
    const directory = join(world.hub.config.dataDir, 'ssh');
    for (const name of ['ssh_host_ed25519_key', 'ssh_host_ecdsa_key'])
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    const { fingerprints } = world.door;
    expect(fingerprints).toEqual([
      expect.stringMatching(/^ssh-ed25519 SHA256:/),
      expect.stringMatching(/^ecdsa-sha2-nistp256 SHA256:/),
    ]);
    const scanned = await terminal.run('ssh-keyscan', ['-p', String(world.door.port), '127.0.0.1']);
    expect(scanned.stdout).toMatch(/ssh-ed25519 AAAA/);
    expect(scanned.stdout).toMatch(/ecdsa-sha2-nistp256 AAAA/);
    await world.door.close(0);
    const again = (await openSsh(world.hub))!;
    expect(again.fingerprints).toEqual(fingerprints);
    expect((await terminal.ssh(again, key, {}, '-T')).code).toBe(0);
    await again.close(0);
    await world[Symbol.asyncDispose]();
  });

  it.for(['ed25519', 'ecdsa', 'rsa'])(
    'may be a file of type %s that several nodes have',
    async (type, { terminal }) => {
      const host = await terminal.keyPair(['-t', type]);
      await using first = await openSshWorld({ SSH_HOST_KEYS: host.file });
      await using second = await openSshWorld({ SSH_HOST_KEYS: host.file });
      expect(first.door.fingerprints).toEqual(second.door.fingerprints);
      const { stdout } = await terminal.run('ssh-keygen', ['-l', '-f', `${host.file}.pub`]);
      expect(first.door.fingerprints[0]).toContain(stdout.split(' ')[1]);
      const { key } = await first.sshUser(terminal);
      expect((await terminal.ssh(first.door, key, {}, '-T')).code).toBe(0);
      await expect(stat(join(first.hub.config.dataDir, 'ssh'))).rejects.toThrow('ENOENT');
    },
  );

  it('that are damaged, missing or locked are named, and never replaced', async ({ terminal }) => {
    const damaged = join(terminal.directory, 'damaged');
    await writeFile(damaged, 'none');
    const locked = await terminal.keyPair(['-t', 'ed25519']);
    await terminal.run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', locked.file]);
    for (const file of [damaged, locked.file, `${locked.file}.pub`])
      await expect(openSshWorld({ SSH_HOST_KEYS: file })).rejects.toThrow('is not a private key for SSH');
    await expect(openSshWorld({ SSH_HOST_KEYS: '/nowhere/key' })).rejects.toThrow('cannot be read');
    expect(await readFile(damaged, 'utf8')).toBe('none');
  });
});

describe('when the hub stops', () => {
  it('running commands finish, and nobody new comes in', async ({ terminal, client }) => {
    await using world = await openSshWorld();
    const { user, key } = await world.sshUser(terminal);
    const repo = await world.repo(user);
    const head = await world.commit(user, repo, { 'big.bin': world.noise(9_000_000) });
    const idle = await login(world, key);
    const busy = await login(world, key);
    const channel = await exec(busy, `git-upload-pack '${repo.namespace}/${repo.name}'`);
    channel.write(fetchRequest(head));
    await once(channel, 'data');
    channel.pause();
    const port = world.door.port;
    const stopped = world.door.close(60_000);
    await once(idle, 'close');
    await expect(exec(busy, 'ls')).rejects.toThrow('Channel open failure');
    const refused = await terminal.git(client, key).try('ls-remote', `ssh://git@127.0.0.1:${port}/a/b`);
    expect([refused.code, refused.stderr]).toEqual([128, expect.stringContaining('Connection refused')]);
    let bytes = 0;
    channel.on('data', (chunk: Buffer) => (bytes += chunk.length));
    channel.resume();
    channel.end('0000');
    const [code] = (await once(channel, 'exit')) as [number];
    expect(code).toBe(0);
    await stopped;
    expect(bytes).toBeGreaterThan(9_000_000);
  });

  it('commands that do not finish in time are cut off', async ({ terminal }) => {
    await using world = await openSshWorld();
    const { user, key } = await world.sshUser(terminal);
    const repo = await world.repo(user);
    const client = await login(world, key);
    const channel = await exec(client, `git-upload-pack '${repo.namespace}/${repo.name}'`);
    await once(channel, 'data');
    await world.door.close(0);
    expect(world.door.connectionCount).toBe(0);
    await expect.poll(() => world.hub.deps.git.runner.runningCount, PATIENT).toBe(0);
  });
});
