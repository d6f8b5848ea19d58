import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import { BenchHub } from './support/bench-hub.ts';
import { type Figure, medianOf, repeat, seconds } from './support/figures.ts';
import { descendantBytes, residentBytes } from './support/memory.ts';
import { NodeServer } from './support/node-server.ts';
import { below, type Row, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { commitFile, commitHeader } from './support/small-files.ts';

const MAX_START_SECONDS = 5;
const MAX_IDLE_MB = 200;
/** Long enough for what happens once after a start. */
const SETTLE_MS = 5000;
const SOME_REQUESTS = 200;

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

/** What an operator waits for and pays for when nothing happens. */
export async function start(scale: Scale): Promise<Section> {
  await using hub = await BenchHub.open();
  const repo = await hub.createModel('small');
  await hub.commit(repo, Buffer.from(commitHeader('Add') + commitFile('config.json', Buffer.from('{}'))));
  return {
    title: 'Start and idle',
    method: `Start on an existing data directory, from the command until \`/health\` answers, median of ${scale.runs} starts. Memory ${SETTLE_MS / 1000} s after a start: resident memory of the hub's process (V8 and all threads); PostgreSQL's processes with what they share counted once.`,
    rows: [await startRow(hub, scale), ...(await memoryRows(hub, repo))],
  };
}

async function startRow(hub: BenchHub, { runs }: Scale): Promise<Row> {
  const times = await repeat(runs, async () => {
    await hub.stop();
    return seconds(() => hub.start());
  });
  await hub.stop();
  const alone = await repeat(runs, () => postgresStart(hub.dataDir));
  await hub.start();
  const ours = medianOf(times, 's');
  return {
    what: 'start on an existing data directory',
    ours,
    peers: [{ name: 'its PostgreSQL alone', figure: medianOf(alone, 's') }],
    target: below(ours, MAX_START_SECONDS),
  };
}

async function postgresStart(dataDir: string): Promise<number> {
  const begin = performance.now();
  const postgres = await startEmbeddedPostgres({ dataDir, log: SILENT });
  const duration = (performance.now() - begin) / 1000;
  await postgres.stop();
  return duration;
}

async function memoryRows(hub: BenchHub, repo: string): Promise<Row[]> {
  await using fastify = await NodeServer.start('bare-fastify');
  await hub.restart();
  await delay(SETTLE_MS);
  const bare = { name: 'bare Fastify', figure: megabytes(await residentBytes(fastify.pid)) };
  const idle = megabytes(await residentBytes(hub.pid));
  const postgres = megabytes(await descendantBytes(hub.pid));
  for (let count = 0; count < SOME_REQUESTS; count++) await hub.get(`/api/models/${repo}`);
  await delay(SETTLE_MS);
  const used = megabytes(await residentBytes(hub.pid));
  return [
    {
      what: 'idle memory of the hub',
      ours: idle,
      peers: [bare],
      target: below(idle, MAX_IDLE_MB),
    },
    {
      what: `the same after ${SOME_REQUESTS} requests`,
      ours: used,
      peers: [bare],
      target: below(used, MAX_IDLE_MB),
    },
    { what: 'idle memory of PostgreSQL', ours: postgres, peers: [] },
  ];
}

function megabytes(bytes: number): Figure {
  return { value: bytes / 1e6, unit: 'MB' };
}
