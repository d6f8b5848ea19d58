import { setTimeout as delay } from 'node:timers/promises';
import persisted from '../schema/client/generated/persisted-documents.json' with { type: 'json' };
import { BenchHub } from './support/bench-hub.ts';
import { type Figure, medianOf, repeat } from './support/figures.ts';
import { hostileRequests } from './support/hostile-requests.ts';
import { callsLoad, type LoadCall } from './support/load.ts';
import { atMostTimes, type Row, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { commitFile, commitHeader } from './support/small-files.ts';

const REPOS = 50;
const BATCH = 10;
const FILES = 20;
const WARM_UP_SECONDS = 2;
/** Few enough that the hub is busy and nobody waits in line. */
const CONNECTIONS = 16;
const ATTACKERS = 4;
/** Between two requests of an attacker. */
const ATTACK_PAUSE_MS = 80;

/** The same thing to see, by one request of a first-party door and by those of REST. */
interface Subject {
  readonly what: string;
  readonly ours: LoadCall;
  readonly rest: readonly LoadCall[];
}

/** What dashboards ask for, and what hostile requests do to others. */
export async function firstParty(scale: Scale): Promise<Section> {
  await using hub = await BenchHub.open();
  const names: string[] = [];
  for (let index = 0; index < REPOS; index++) names.push(await makeModel(hub, `model-${index}`));
  const rows: Row[] = [];
  for (const subject of subjects(names)) rows.push(await compare(hub, subject, scale));
  rows.push(await underAttack(hub, names[0]!, scale));
  return {
    title: 'First-party doors',
    method:
      `What one page of a dashboard shows, ${CONNECTIONS} connections that are kept open, \`wrk\`, ${scale.loadSeconds} s, median of ${scale.runs} runs, the door and REST in turn, after a warm-up, with a token. Pages each second: by one request, or by the requests of REST that bring the same (their number in parentheses), as fast as all connections together send them; a browser, which waits for one before it sends another, is slower. ` +
      `Hostile requests come from ${ATTACKERS} connections, each ${ATTACK_PAUSE_MS} ms after the refusal of the one before: documents for GraphQL, each another text, so that none is remembered, variables, bodies and addresses for both doors, up to a megabyte; what is measured is how long others wait meanwhile.`,
    rows,
  };
}

async function makeModel(hub: BenchHub, name: string): Promise<string> {
  const repo = await hub.createModel(name);
  const files = Array.from({ length: FILES }, (_, index) =>
    commitFile(`part-${index}.json`, Buffer.from(JSON.stringify({ name, index }))),
  );
  const readme = commitFile('README.md', Buffer.from(`---\nlicense: apache-2.0\n---\n# ${name}\n`));
  await hub.commit(repo, Buffer.from([commitHeader('Add the model'), readme, ...files].join('')));
  return repo;
}

function subjects(names: readonly string[]): Subject[] {
  const [name] = names as [string];
  const batch = names.slice(0, BATCH);
  const input = Object.assign(
    {},
    batch.map((each) => ({ repo: { name: each } })),
  );
  const page = { type: 'MODEL', name, revision: 'main', path: '', first: 50 };
  return [
    {
      what: `GraphQL, overview of ${REPOS} repositories with owners and last commits`,
      ours: document('HubOverview', { first: REPOS }),
      rest: [
        get('/api/site-config'),
        get('/api/whoami-v2'),
        get('/api/trending?limit=5'),
        get('/api/users/bench/likes'),
        get(`/api/models?limit=${REPOS}&full=true`),
        ...names.map((each) => get(`/api/models/${each}/commits/main?limit=1`)),
      ],
    },
    {
      what: 'GraphQL, page of a repository with files, last commits and README',
      ours: document('RepoPage', page),
      rest: [
        get(`/api/models/${name}`),
        get(`/api/models/${name}/refs`),
        get(`/api/models/${name}/commits/main?limit=1`),
        get(`/api/models/${name}/tree/main?expand=true&limit=50`),
        get(`/${name}/resolve/main/README.md`),
      ],
    },
    {
      what: `tRPC, batch of ${BATCH} calls`,
      ours: get(
        `/trpc/${batch.map(() => 'repos.get').join(',')}?batch=1&input=${encodeURIComponent(JSON.stringify(input))}`,
      ),
      rest: batch.map((each) => get(`/api/models/${each}`)),
    },
  ];
}

function get(path: string): LoadCall {
  return { method: 'GET', path };
}

/** @param operation of `schema/documents`. */
function document(operation: string, variables: object): LoadCall {
  const known = Object.entries(persisted).find(([, text]) => text.includes(` ${operation}(`));
  if (!known) throw new Error(`There is no document ${operation}.`);
  const [documentId] = known;
  return { method: 'POST', path: '/graphql', body: { documentId, variables } };
}

async function compare(
  hub: BenchHub,
  { what, ours, rest }: Subject,
  { runs, loadSeconds }: Scale,
): Promise<Row> {
  await checkAnswer(hub, ours);
  const load = async (calls: readonly LoadCall[], seconds: number): Promise<number> => {
    const target = { url: hub.url, headers: hub.authorization, seconds, connections: CONNECTIONS };
    return (await callsLoad(target, calls)).requestsPerSecond / calls.length;
  };
  await load([ours], WARM_UP_SECONDS);
  await load(rest, WARM_UP_SECONDS);
  const results = await repeat(runs, async () => ({
    ours: await load([ours], loadSeconds),
    rest: await load(rest, loadSeconds),
  }));
  return {
    what,
    ours: medianOf(
      results.map((result) => result.ours),
      '/s',
    ),
    peers: [
      {
        name: `REST (${rest.length})`,
        figure: medianOf(
          results.map((result) => result.rest),
          '/s',
        ),
      },
    ],
  };
}

/** An answer with errors has status 200 too. */
async function checkAnswer(hub: BenchHub, { method, path, body }: LoadCall): Promise<void> {
  const { body: answer } = await hub.connection.call({
    method,
    url: hub.url + path,
    headers: { ...hub.authorization, 'content-type': 'application/json' },
    ...(body && { body: Buffer.from(JSON.stringify(body)) }),
  });
  if (/"errors?":/.test(answer.toString())) throw new Error(`${path}: ${answer.toString().slice(0, 1000)}`);
}

async function underAttack(hub: BenchHub, name: string, { runs, loadSeconds }: Scale): Promise<Row> {
  const calls: LoadCall[] = [{ method: 'GET', path: `/api/models/${name}` }];
  const p99 = async (): Promise<number> => {
    const target = { url: hub.url, seconds: loadSeconds, connections: CONNECTIONS };
    return (await callsLoad(target, calls)).p99Ms!;
  };
  let refused = 0;
  const p99Attacked = async (): Promise<number> => {
    const stop = new AbortController();
    const attackers = Array.from({ length: ATTACKERS }, (_, seat) => attack(hub.url, seat, stop.signal));
    const attacked = await p99();
    stop.abort();
    for (const count of await Promise.all(attackers)) refused += count;
    return attacked;
  };
  // The first requests of each kind compile what refuses them.
  await p99Attacked();
  refused = 0;
  const results = await repeat(runs, async () => ({ alone: await p99(), attacked: await p99Attacked() }));
  const ours: Figure = medianOf(
    results.map(({ attacked }) => attacked),
    'ms',
  );
  const peer = {
    name: 'without them',
    figure: medianOf(
      results.map(({ alone }) => alone),
      'ms',
    ),
  };
  const perSecond = Math.round(refused / runs / loadSeconds);
  return {
    what: `GET repository info while ${perSecond} hostile requests come each second: p99`,
    ours,
    peers: [peer],
    target: atMostTimes(ours, peer, 2),
  };
}

/** Sends hostile requests one after the other. @returns how many were refused. @throws when one is not. */
async function attack(url: string, seat: number, signal: AbortSignal): Promise<number> {
  let count = 0;
  for (let salt = seat; !signal.aborted; salt += ATTACKERS) {
    for (const { path, body } of hostileRequests(salt)) {
      if (signal.aborted) break;
      const response = await fetch(url + path, {
        method: body === null ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      const answer = await response.text();
      if (!/"errors?":/.test(answer)) throw new Error(`This was not refused: ${path} ${body}`.slice(0, 500));
      count++;
      await delay(ATTACK_PAUSE_MS);
    }
  }
  return count;
}
