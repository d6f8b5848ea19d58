import { truncate, writeFile } from 'node:fs/promises';
import { BenchHub } from './support/bench-hub.ts';
import type { Answer } from './support/connection.ts';
import { medianOf, repeat } from './support/figures.ts';
import { type LargeFile, writeLargeFile } from './support/large-file.ts';
import { uploadLfs } from './support/lfs-upload.ts';
import { getLoad, headLoad } from './support/load.ts';
import { Nginx } from './support/nginx.ts';
import { type FixedAnswer, NodeServer } from './support/node-server.ts';
import { atLeast, type Row, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { commitFile, commitHeader } from './support/small-files.ts';
import { TempDir } from './support/temp-dir.ts';

const MIN_PER_SECOND = 5000;
const WARM_UP_SECONDS = 1;
const PEER_SECONDS = 2;
const SERVED = 'answer.json';
const MADE_BY_SERVERS = new Set([
  'date',
  'connection',
  'keep-alive',
  'content-length',
  'content-type',
  'etag',
  'accept-ranges',
]);
const LFS_BYTES = 12_000_000;
const CAUSE =
  'one JavaScript thread answers, and shares two cores with PostgreSQL and the load generator. Of its time about a fifth goes to the line of the log, the rest to HTTP, routing and the statements for repository, token and revision.';

const MODEL: Readonly<Record<string, string>> = {
  'README.md':
    '---\nlicense: apache-2.0\npipeline_tag: text-classification\nlibrary_name: transformers\nlanguage: en\n---\n# Small\n',
  'config.json': JSON.stringify({ model_type: 'bert', hidden_size: 128, num_hidden_layers: 2 }, null, 2),
  'tokenizer_config.json': JSON.stringify({ do_lower_case: true, model_max_length: 512 }),
  'special_tokens_map.json': JSON.stringify({ cls_token: '[CLS]', sep_token: '[SEP]' }),
  'vocab.txt': Array.from({ length: 3000 }, (_, index) => `token${index}`).join('\n'),
};

interface Subject {
  readonly what: string;
  readonly path: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
}

/** Requests that every client makes all the time. */
export async function requests(scale: Scale): Promise<Section> {
  await using hub = await BenchHub.open();
  await using dir = await TempDir.make();
  const weights = await writeLargeFile(dir.file('weights'), LFS_BYTES);
  const open = await makeModel(hub, weights, 'public');
  const hidden = await makeModel(hub, weights, 'private');
  const lfsPath = `resolve/main/${weights.sha256.slice(0, 8)}.bin`;
  const anonymous = {};
  const token = hub.authorization;
  const subjects: Subject[] = [
    {
      what: 'HEAD resolve, regular file, public',
      path: `/${open}/resolve/main/config.json`,
      method: 'HEAD',
      headers: anonymous,
    },
    {
      what: 'HEAD resolve, LFS file, public',
      path: `/${open}/${lfsPath}`,
      method: 'HEAD',
      headers: anonymous,
    },
    {
      what: 'HEAD resolve, regular file, private, token',
      path: `/${hidden}/resolve/main/config.json`,
      method: 'HEAD',
      headers: token,
    },
    {
      what: 'HEAD resolve, LFS file, private, token',
      path: `/${hidden}/${lfsPath}`,
      method: 'HEAD',
      headers: token,
    },
    { what: 'GET repository info, public', path: `/api/models/${open}`, method: 'GET', headers: anonymous },
    {
      what: 'GET repository info, private, token',
      path: `/api/models/${hidden}`,
      method: 'GET',
      headers: token,
    },
  ];
  const rows: Row[] = [];
  for (const subject of subjects) rows.push(await measure(hub, subject, scale));
  return {
    title: 'Requests',
    method:
      `64 connections that are kept open, ${scale.loadSeconds} s (peers ${PEER_SECONDS} s), median of ${scale.runs} runs, the hub and its peers in turn, after a warm-up. GET by \`wrk\` with 2 threads; HEAD by ApacheBench, because \`wrk\` cannot send it. ` +
      'Every answer is a success, or the benchmark fails. The load generator, the hub and its PostgreSQL share the cores. nginx serves the same body and headers from a file; `node:http` is a bare server that answers fixed bytes: what one Node process can do at most. nginx writes a log line for each request; the hub and the bare server write none for reads.',
    rows,
  };
}

async function makeModel(
  hub: BenchHub,
  weights: LargeFile,
  visibility: 'public' | 'private',
): Promise<string> {
  const repo = await hub.createModel(`small-${visibility}`, visibility);
  const lines = Object.entries(MODEL).map(([path, text]) => commitFile(path, Buffer.from(text)));
  await hub.commit(repo, Buffer.from([commitHeader('Add the model'), ...lines].join('')));
  await uploadLfs(hub, repo, { file: weights, transfer: 'basic' });
  return repo;
}

async function measure(
  hub: BenchHub,
  { what, path, method, headers }: Subject,
  { runs, loadSeconds }: Scale,
): Promise<Row> {
  const url = hub.url + path;
  const answer = await hub.connection.call({ method, url, headers });
  await using nginx = await Nginx.start({ headers: ownHeaders(answer) });
  await using node = await NodeServer.start('fixed-answer', sameAnswer(answer));
  await writeFile(nginx.file(SERVED), answer.body);
  await truncate(nginx.file(SERVED), Number(answer.headers['content-length']));
  const load = async (at: string, seconds: number, sent = {}) => {
    const attack = method === 'HEAD' ? headLoad : getLoad;
    return (await attack({ url: at, headers: sent, seconds })).requestsPerSecond;
  };
  await load(url, WARM_UP_SECONDS, headers);
  const results = await repeat(runs, async () => ({
    ours: await load(url, loadSeconds, headers),
    nginx: await load(`${nginx.url}/${SERVED}`, PEER_SECONDS),
    node: await load(`${node.url}/${SERVED}`, PEER_SECONDS),
  }));
  const median = (server: 'ours' | 'nginx' | 'node') =>
    medianOf(
      results.map((result) => result[server]),
      '/s',
    );
  const ours = median('ours');
  return {
    what,
    ours,
    peers: [
      { name: 'nginx', figure: median('nginx') },
      { name: 'node:http', figure: median('node') },
    ],
    target: atLeast(ours, MIN_PER_SECOND),
    causeOfMiss: CAUSE,
  };
}

/** The hub's headers, without those that every server makes itself. */
function ownHeaders({ headers }: Answer): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (field): field is [string, string] => typeof field[1] === 'string' && !MADE_BY_SERVERS.has(field[0]),
    ),
  );
}

function sameAnswer(answer: Answer): FixedAnswer {
  const { 'content-type': type = '', 'content-length': length = '' } = answer.headers;
  const headers = { ...ownHeaders(answer), 'content-type': type, 'content-length': length };
  return { headers, body: answer.body.toString() };
}
