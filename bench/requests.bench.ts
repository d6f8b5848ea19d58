import { writeFile } from 'node:fs/promises';
import { BenchHub } from './support/bench-hub.ts';
import type { Answer } from './support/connection.ts';
import { type Figure, medianOf, repeat } from './support/figures.ts';
import { type LargeFile, writeLargeFile } from './support/large-file.ts';
import { uploadLfs } from './support/lfs-upload.ts';
import { getLoad, headLoad, type Load } from './support/load.ts';
import { Nginx } from './support/nginx.ts';
import { NodeServer } from './support/node-server.ts';
import { atLeast, type Row, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { commitFile, commitHeader } from './support/small-files.ts';
import { TempDir } from './support/temp-dir.ts';

const MIN_PER_SECOND = 5000;
const WARM_UP_SECONDS = 1;
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
  const peers = await measurePeers(hub, subjects, scale);
  const rows: Row[] = [];
  for (const subject of subjects) {
    const ours = await measure({ ...subject, url: hub.url + subject.path }, scale);
    rows.push({
      what: subject.what,
      ours,
      peers: peers[subject.method],
      target: atLeast(ours, MIN_PER_SECOND),
      causeOfMiss: CAUSE,
    });
  }
  return {
    title: 'Requests',
    method:
      `64 connections that are kept open, ${scale.loadSeconds} s, median of ${scale.runs} runs, after a warm-up. GET by \`wrk\` with 2 threads; HEAD by ApacheBench, because \`wrk\` cannot send it. ` +
      'Every answer is a success, or the benchmark fails. The load generator, the hub and its PostgreSQL share the cores. nginx serves the same body and headers from a file; `node:http` is a bare server that answers fixed bytes: what one Node process can do at most. All but the bare server write a log line for each request.',
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

async function measurePeers(hub: BenchHub, subjects: readonly Subject[], scale: Scale) {
  const info = await answerOf(
    hub,
    subjects.find(({ method }) => method === 'GET')!,
  );
  const file = await answerOf(
    hub,
    subjects.find(({ method }) => method === 'HEAD')!,
  );
  return {
    GET: await measurePeer({ name: 'info.json', answer: info, method: 'GET' }, scale),
    HEAD: await measurePeer({ name: 'config.json', answer: file, method: 'HEAD' }, scale),
  };
}

async function answerOf(hub: BenchHub, { path, headers }: Subject): Promise<Answer> {
  return hub.connection.call({ url: hub.url + path, headers });
}

async function measurePeer(
  { name, answer, method }: { name: string; answer: Answer; method: Subject['method'] },
  scale: Scale,
) {
  const headers = sameHeaders(answer);
  await using nginx = await Nginx.start(headers);
  await writeFile(nginx.file(name), answer.body);
  await using node = await NodeServer.start('fixed-answer', {
    headers: { ...headers, 'content-type': 'application/json', 'content-length': String(answer.body.length) },
    body: answer.body.toString(),
  });
  const load = { method, headers: {} };
  return [
    { name: 'nginx', figure: await measure({ ...load, url: `${nginx.url}/${name}` }, scale) },
    { name: 'node:http', figure: await measure({ ...load, url: `${node.url}/${name}` }, scale) },
  ];
}

/** The hub's headers, without those that every server makes itself. */
function sameHeaders({ headers }: Answer): Record<string, string> {
  const own = new Set([
    'date',
    'connection',
    'keep-alive',
    'content-length',
    'content-type',
    'etag',
    'accept-ranges',
  ]);
  return Object.fromEntries(
    Object.entries(headers).filter((field): field is [string, string] => !own.has(field[0])),
  );
}

async function measure(
  { url, method, headers }: Pick<Load, 'url'> & Pick<Subject, 'method' | 'headers'>,
  { runs, loadSeconds }: Scale,
): Promise<Figure> {
  const load = method === 'HEAD' ? headLoad : getLoad;
  await load({ url, headers, seconds: WARM_UP_SECONDS });
  const results = await repeat(runs, () => load({ url, headers, seconds: loadSeconds }));
  return medianOf(
    results.map(({ requestsPerSecond }) => requestsPerSecond),
    '/s',
  );
}
