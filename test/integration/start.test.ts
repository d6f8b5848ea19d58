import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort, HubCommand } from '../support/hub-command.ts';

vi.setConfig({ testTimeout: 90_000 });

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
    await vi.waitFor(() => expect(answer).toContain('100 Continue'));
    const ended = running.signal('SIGTERM');
    await vi.waitFor(async () => expect(await listens()).toBe(false));
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

  it('ends when its PostgreSQL is lost', async () => {
    const running = await serving();
    const pid = Number.parseInt(await readFile(join(dataDir, 'data/postgres/postmaster.pid'), 'utf8'), 10);
    process.kill(pid, 'SIGKILL');
    expect((await running.ended).code).toBe(1);
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

  it('report every mistake of the configuration and exit with 1', async () => {
    const { code, stderr } = await hub(['serve'], { KOHAKU_HUB_PORT: 'x', KOHAKU_HUB_LOG_LEVEL: 'loud' })
      .ended;
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(3);
  });

  it.each([[['nonsense']], [['user', 'add']], [['token', 'create', 'alice']], [['serve', '--fast']], [[]]])(
    'exit with 2 when they are not understood: %j',
    async (args) => {
      expect((await run(...args)).code).toBe(2);
    },
  );
});
