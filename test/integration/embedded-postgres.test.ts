import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 90_000 });

const HOLDER = join(import.meta.dirname, '../support/hold-postgres.ts');
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
/** A checkout in a private home directory cannot be run by somebody else. */
const canBecomeNobody =
  isRoot && spawnSync(process.execPath, [HOLDER, '/nonexistent'], { uid: NOBODY, cwd: '/' }).status !== null;

/** What a holder said: where its database is, or why it refused; and the warnings before that. */
interface Answer {
  readonly url: string;
  readonly refused: string;
  readonly warnings: readonly string[];
}

let root: string;
let dataDir: string;
const holders: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hub-postgres-'));
  dataDir = join(root, 'data');
  await mkdir(dataDir, { mode: 0o700 });
});

afterEach(async () => {
  for (const holder of holders.splice(0)) await stop(holder);
  await rm(root, { recursive: true, force: true });
});

async function hold(dir = dataDir, uid?: number): Promise<Answer & { holder: ChildProcess }> {
  const holder = spawn(process.execPath, [HOLDER, dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  holders.push(holder);
  const warnings: string[] = [];
  for await (const line of createInterface(holder.stdout)) {
    const { url = '', refused = '', warning } = JSON.parse(line) as Record<string, string>;
    if (warning === undefined) return { holder, url, refused, warnings };
    warnings.push(warning);
  }
  throw new Error('The holder ended without an answer.');
}

async function stop(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  holder.stdin?.end();
  await once(holder, 'exit');
}

async function kill(holder: ChildProcess): Promise<void> {
  holder.kill('SIGKILL');
  await once(holder, 'exit');
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const postmasterPid = async (): Promise<number> =>
  Number.parseInt(await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);

/** Kills the process that would stop PostgreSQL after its hub. */
async function killWatcher(): Promise<void> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (cwd === join(dataDir, 'postgres') && command.startsWith('/bin/sh'))
      process.kill(Number(pid), 'SIGKILL');
  }
}

describe('the embedded PostgreSQL', () => {
  it('is durable, checked, UTF-8, and reachable by its owner alone', async () => {
    const { url } = await hold();
    const [row] = await query(
      url,
      `select current_setting('listen_addresses') as tcp, current_setting('data_checksums') as checksums,
        current_setting('server_version_num')::int / 10000 as major, pg_encoding_to_char(encoding) as encoding,
        datlocale as locale from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({ tcp: '', checksums: 'on', major: 18, encoding: 'UTF8', locale: 'C.UTF-8' });
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toContain('ready to accept connections');
  });

  it('keeps its data from start to start and stops with the hub', async () => {
    const first = await hold();
    await query(first.url, 'create table kept as select 42 as answer');
    await stop(first.holder);
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false);
    const second = await hold();
    expect(await query(second.url, 'select * from kept')).toEqual([{ answer: 42 }]);
    expect(second.warnings).toEqual([]);
  });

  it('ends by itself when the hub is killed', async () => {
    const { holder } = await hold();
    await kill(holder);
    await vi.waitFor(() => expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false), 20_000);
  });

  it.runIf(isLinux)('is stopped by the next start when it was left running', async () => {
    const first = await hold();
    await query(first.url, 'create table kept as select 42 as answer');
    const orphan = await postmasterPid();
    await killWatcher();
    await kill(first.holder);
    const second = await hold();
    expect(second.warnings).toEqual(['The last hub did not stop its PostgreSQL. Stopping it now.']);
    expect(await postmasterPid()).not.toBe(orphan);
    expect(await query(second.url, 'select * from kept')).toEqual([{ answer: 42 }]);
  });

  it('recovers after it was killed together with the hub', async () => {
    const first = await hold();
    await query(first.url, 'create table kept as select 42 as answer');
    const pid = await postmasterPid();
    process.kill(pid, 'SIGKILL');
    await kill(first.holder);
    const second = await hold();
    expect(await query(second.url, 'select * from kept')).toEqual([{ answer: 42 }]);
  });

  it('is not confused by a stale pid file whose number belongs to another program now', async () => {
    await stop((await hold()).holder);
    // The same user as PostgreSQL's, whose processes it takes for its own.
    const { uid } = await stat(join(dataDir, 'postgres'));
    const bystander = spawn('sleep', ['600'], { uid, cwd: '/' });
    await once(bystander, 'spawn');
    const pidFile = join(dataDir, 'postgres/postmaster.pid');
    const content = `${bystander.pid}\n/proc/self/cwd\n1795375168\n5432\n.\n\n\n`;
    await writeFile(pidFile, content);
    await writeFile(join(dataDir, 'postgres/.s.PGSQL.5432.lock'), content);
    const { url } = await hold();
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(bystander.exitCode).toBeNull();
    expect(bystander.signalCode).toBeNull();
    await kill(bystander);
  });

  it('starts over when its first start was interrupted', async () => {
    const drafts = async () => (await readdir(dataDir)).filter((name) => name.startsWith('postgres.tmp-'));
    const holder = spawn(process.execPath, [HOLDER, dataDir], { stdio: 'ignore' });
    await vi.waitFor(async () => expect(await drafts()).toHaveLength(1), 20_000);
    await kill(holder);
    const { url } = await hold();
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await drafts()).toEqual([]);
  });

  it('refuses a data directory that another hub holds, and names it', async () => {
    const first = await hold();
    const second = await hold();
    expect(second.refused).toContain(
      `Another hub (pid ${first.holder.pid}) is using the data directory ${dataDir}.`,
    );
    await kill(first.holder);
    expect((await hold()).refused).toBe('');
  });

  it('refuses a database of another major version', async () => {
    await stop((await hold()).holder);
    await writeFile(join(dataDir, 'postgres/PG_VERSION'), '15\n');
    expect((await hold()).refused).toMatch(/made by PostgreSQL 15, and this hub brings PostgreSQL 18/);
  });

  it('refuses a directory that holds no database and leaves it alone', async () => {
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres/thesis.txt'), 'precious');
    expect((await hold()).refused).toMatch(/exists but holds no PostgreSQL database/);
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['thesis.txt']);
  });

  it('says what PostgreSQL said when it does not start', async () => {
    await stop((await hold()).holder);
    await writeFile(join(dataDir, 'postgres/postgresql.conf'), 'no_such_setting = 1\n');
    expect((await hold()).refused).toMatch(/^PostgreSQL did not start: .*no_such_setting/s);
  });

  it('works in a directory whose name is longer than a socket address', async () => {
    const long = join(dataDir, 'n'.repeat(120));
    await mkdir(long);
    const { url } = await hold(long);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it.runIf(isRoot && isLinux)('runs for root in a directory that only root can enter', async () => {
    await chmod(root, 0o700);
    const { url } = await hold();
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(join(dataDir, 'postgres'))).uid).not.toBe(0);
  });

  it.runIf(canBecomeNobody)('runs for a plain user, and later for root on the same directory', async () => {
    await chmod(root, 0o755);
    await chown(dataDir, NOBODY, NOBODY);
    const plain = await hold(dataDir, NOBODY);
    await query(plain.url, 'create table kept as select 42 as answer');
    await stop(plain.holder);
    const asRoot = await hold();
    expect(await query(asRoot.url, 'select * from kept')).toEqual([{ answer: 42 }]);
    await stop(asRoot.holder);
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(NOBODY);
  });

  it.runIf(canBecomeNobody)('refuses a plain user on a database of somebody else', async () => {
    await stop((await hold()).holder);
    await chmod(root, 0o755);
    await chown(join(dataDir, 'postgres'), 12_345, 12_345);
    for (const name of ['.', 'hub.lock', 'hub.pid']) await chown(join(dataDir, name), NOBODY, NOBODY);
    expect((await hold(dataDir, NOBODY)).refused).toMatch(
      /belongs to user 12345, and the hub runs as user 65534/,
    );
  });
});
