import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { freePort, HubCommand } from '../support/hub-command.ts';

vi.setConfig({ testTimeout: 90_000 });

/** Root may, unless a container keeps it from that. */
const canMount = process.platform === 'linux' && spawnSync('unshare', ['--mount', 'true']).status === 0;
const READY = 'Kohaku Hub is running.';

let dataDir: string;
let env: Record<string, string>;
let url: string;
const processes: HubCommand[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hub-start-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  env = {
    KOHAKU_HUB_DATA_DIR: join(dataDir, 'data'),
    KOHAKU_HUB_PORT: String(port),
    KOHAKU_HUB_SSH_PORT: '0',
  };
});

afterEach(async () => {
  await Promise.all(processes.splice(0).map((hub) => hub.signal('SIGTERM')));
  // PostgreSQL may still be stopping after its hub was cut off, and writes meanwhile.
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function hub(args: readonly string[], more: Record<string, string> = {}, input = ''): HubCommand {
  const started = new HubCommand(args, { ...env, ...more }, input);
  processes.push(started);
  return started;
}

const OR_CHOOSE = 'or choose another directory with KOHAKU_HUB_DATA_DIR.\n';

/** What a hub says that does not start with this data directory. */
async function refused(path: string): Promise<string> {
  const { code, stderr } = await hub(['serve'], { KOHAKU_HUB_DATA_DIR: path }).ended;
  expect(code).toBe(1);
  return stderr;
}

const run = (...args: readonly string[]) => hub(args).ended;

async function serving(): Promise<HubCommand> {
  const started = hub(['serve']);
  await started.says(READY);
  return started;
}

/** Does anything take connections there? */
async function listens(): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('hub serve', () => {
  it('starts on an empty directory, says how to go on, answers, and stops cleanly', async () => {
    const first = await serving();
    expect(first.stdout).toContain(`URL            ${url}`);
    expect(first.stdout).toContain('npm run hub -- user add <name> --admin');
    expect(first.stdout).toContain(`export HF_ENDPOINT=${url}`);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await stat(join(dataDir, 'data'))).mode & 0o777).toBe(0o700);
    const secrets = await readFile(join(dataDir, 'data/secrets.json'), 'utf8');

    const { code, stdout } = await first.signal('SIGTERM');
    expect(code).toBe(0);
    expect(stdout).toMatch(/SIGTERM: stopping.*Stopped\.\n$/s);

    await serving();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await readFile(join(dataDir, 'data/secrets.json'), 'utf8')).toBe(secrets);
  });

  it('starts again after kill -9', async () => {
    await (await serving()).signal('SIGKILL');
    await serving();
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('is refused while another hub has the data directory', async () => {
    const first = await serving();
    const { code, stderr } = await run('serve');
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Another hub (pid ${first.child.pid}) is using the data directory ${dataDir}/data. ` +
        'Stop it first, or choose another directory with KOHAKU_HUB_DATA_DIR.\n',
    );
  });

  it('finishes a running request before it stops', async () => {
    const running = await serving();
    const body = JSON.stringify({ username: '', email: '', password: '' });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(
      'POST /api/auth/register HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n' +
        `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await vi.waitFor(() => expect(answer).toContain('100 Continue'), 30_000);
    const ended = running.signal('SIGTERM');
    await vi.waitFor(async () => expect(await listens()).toBe(false), 30_000);
    const closed = once(socket, 'close');
    socket.write(body);
    await closed;
    expect(answer).toMatch(/HTTP\/1\.1 4\d\d /);
    expect((await ended).code).toBe(0);
  });

  it('ends at once on the second signal', async () => {
    const running = await serving();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      'POST /api/auth/register HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n',
    );
    await once(socket, 'data');
    running.child.kill('SIGINT');
    await running.says('SIGINT: stopping.');
    expect((await running.signal('SIGINT')).code).toBe(1);
    socket.destroy();
  });

  it('names the port that is taken', async () => {
    await serving();
    const { code, stderr } = await hub(['serve'], { KOHAKU_HUB_DATA_DIR: join(dataDir, 'other') }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('in use. Stop what uses it, or choose another with KOHAKU_HUB_PORT.');
  });

  it('says why it cannot use the data directory', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, 'precious');
    for (const path of [file, join(file, 'data')])
      expect(await refused(path)).toBe(
        `The data directory ${path} is not a directory. Move the file away that is in its place, ${OR_CHOOSE}`,
      );
    const locked = join(dataDir, 'locked');
    await mkdir(join(locked, 'hub.lock'), { recursive: true });
    expect(await refused(locked)).toMatch(/hub\.lock cannot be locked: .*KOHAKU_HUB_DATA_DIR\.\n$/);
  });

  it.runIf(canMount)('says when the disk is full, or read-only', async () => {
    const disk = join(dataDir, 'disk');
    await mkdir(disk);
    const refusedOn = async (options: string) => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
      try {
        return await refused(join(disk, 'data'));
      } finally {
        execFileSync('umount', [disk]);
      }
    };
    const where = `The data directory ${disk}/data`;
    expect(await refusedOn('size=16k')).toBe(`${where} is full. Free some space, ${OR_CHOOSE}`);
    expect(await refusedOn('size=8m')).toMatch(/No space left on device/);
    expect(await refusedOn('ro')).toBe(
      `${where} is on a file system that is read-only. Mount it for writing, ${OR_CHOOSE}`,
    );
  });

  it('says why it cannot use a database or an object store that is configured', async () => {
    const secrets = {
      KOHAKU_HUB_DATABASE_KEY: 'ab'.repeat(32),
      KOHAKU_HUB_SESSION_SECRET: 'x'.repeat(32),
    };
    const { host } = new URL(inject('postgresUrl'));
    const port = await freePort();
    for (const [database, said] of [
      [`postgres://me:hunter2@127.0.0.1:${port}/hub`, `127.0.0.1:${port}/hub does not let the hub in: `],
      [`postgres://me:hunter2@${host}/missing`, `${host}/missing does not let the hub in: `],
    ] as const) {
      const { code, stderr } = await hub(['serve'], { ...secrets, KOHAKU_HUB_DATABASE_URL: database }).ended;
      expect(code).toBe(1);
      expect(stderr).toContain(`The database ${said}`);
      expect(stderr).toMatch(/\. Check KOHAKU_HUB_DATABASE_URL\.\n$/);
      expect(stderr).not.toContain('hunter2');
    }
    const s3 = {
      KOHAKU_HUB_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      KOHAKU_HUB_S3_BUCKET: 'models',
      KOHAKU_HUB_S3_ACCESS_KEY: 'hunter2',
      KOHAKU_HUB_S3_SECRET_KEY: 'hunter2',
    };
    const { code, stderr } = await hub(['serve'], s3).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The object store does not serve the bucket "models"\. It said: .*ECONNREFUSED/);
    expect(stderr).toMatch(/Check KOHAKU_HUB_S3_ENDPOINT, the bucket and the keys\.\n$/);
    expect(stderr).not.toContain('hunter2');
  });

  it('ends when its PostgreSQL is lost', async () => {
    const running = await serving();
    const pid = Number.parseInt(await readFile(join(dataDir, 'data/postgres/postmaster.pid'), 'utf8'), 10);
    process.kill(pid, 'SIGKILL');
    expect((await running.ended).code).toBe(1);
  });
});

describe('hub fsck', () => {
  it('names what is wrong beside a running hub, and exits with 1', async () => {
    await serving();
    await run('user', 'add', 'alice');
    const token = (await run('token', 'create', 'alice', '--name', 'laptop')).stdout.trim();
    const created = await fetch(`${url}/api/repos/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"name":"bert"}',
    });
    expect(created.status).toBe(200);
    const whole = await run('fsck');
    expect(whole).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Checked 1 repositories, .*: 0 problem\(s\)\.\n$/),
    });
    const database = new Client({
      host: join(dataDir, 'data/postgres'),
      user: 'kohaku_hub',
      database: 'kohaku_hub',
    });
    await database.connect();
    await database.query('update repo set likes_count = 7');
    await database.query(`update git_ref set oid = decode($1, 'hex')`, ['ab'.repeat(20)]);
    await database.end();
    const { code, stdout, stderr } = await run('fsck');
    expect(code).toBe(1);
    expect(stdout).toContain(
      `ref-broken model:alice/bert: refs/heads/main names ${'ab'.repeat(20)}, which is not stored`,
    );
    expect(stdout).toContain('counter-wrong model:alice/bert: likes_count is 7, but there are 0 likes');
    expect(stdout).toMatch(/: 3 problem\(s\)\.\n$/);
    expect(stderr).toContain('The hub is damaged. Restore what is named above from a backup.');
  });
});

describe('hub commands', () => {
  it('make accounts and tokens while the hub runs, and work with them', async () => {
    await serving();
    const added = await run('user', 'add', 'alice', '--admin');
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^The account alice is ready\.\nPassword: \S{20}\n$/),
    });
    const { stdout: token } = await run('token', 'create', 'alice', '--name', 'laptop', '--role', 'read');
    expect(token).toMatch(/^hf_\S+\n$/);
    const whoami = await fetch(`${url}/api/whoami-v2`, {
      headers: { authorization: `Bearer ${token.trim()}` },
    });
    expect(await whoami.json()).toMatchObject({ name: 'alice' });
  });

  it('make an account before the first start, with the password from standard input', async () => {
    const added = await hub(['user', 'add', 'bob', '--password-stdin'], {}, 'correct horse battery\n').ended;
    expect(added).toMatchObject({ code: 0, stdout: 'The account bob is ready.\n' });
    await serving();
    const login = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'bob', password: 'correct horse battery' }),
    });
    expect(login.status).toBe(200);
  });

  it('say what is wrong with an account or its token', async () => {
    expect(await run('user', 'add', 'carol')).toMatchObject({ code: 0 });
    expect(await run('user', 'add', 'Carol')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^[A-Z].*\.\n$/m),
    });
    expect(await run('token', 'create', 'nobody', '--name', 'x')).toMatchObject({ code: 1, stdout: '' });
  });

  it('bring the database to the newest schema, again and again', async () => {
    for (let times = 0; times < 2; times++) {
      const { code, stdout } = await run('migrate');
      expect(code).toBe(0);
      expect(stdout).toContain('The database has the newest schema.');
    }
  });

  it('print the configuration without its secrets', async () => {
    const more = {
      KOHAKU_HUB_DATABASE_URL: 'postgres://hub:hunter2@db:5432/hub?sslpassword=hunter2',
      KOHAKU_HUB_DATABASE_KEY: 'ab'.repeat(32),
      KOHAKU_HUB_SESSION_SECRET: `hunter2${'x'.repeat(32)}`,
      KOHAKU_HUB_METRICS_TOKEN: 'hunter2',
    };
    const { code, stdout } = await hub(['check-config'], more).ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      database: { url: 'postgres://hub@db:5432/hub' },
      secrets: { session: '[set]', databaseKey: '[set]' },
      metricsToken: '[set]',
    });
    expect(stdout).not.toMatch(/hunter2|abab/);
  });

  it.each(['serve', 'check-config', 'fsck'])(
    'report every mistake of the configuration and exit with 1: %s',
    async (command) => {
      const wrong = { KOHAKU_HUB_PORT: 'x', KOHAKU_HUB_LOG_LEVEL: 'loud' };
      const { code, stdout, stderr } = await hub([command], wrong).ended;
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr.trim().split('\n')).toHaveLength(3);
    },
  );

  it.each([[['nonsense']], [['user', 'add']], [['token', 'create', 'alice']], [['serve', '--fast']], [[]]])(
    'exit with 2 when they are not understood: %j',
    async (args) => {
      expect((await run(...args)).code).toBe(2);
    },
  );
});
