import type { BenchHub } from './bench-hub.ts';
import type { Call } from './connection.ts';
import { Latencies, repeat } from './figures.ts';
import type { LatencyLine } from './latency-rows.ts';

const ENTRIES = 100;
const WARM_UP = 20;
const IN_TURN = 25;

const PAGE = `query ($name: String!, $after: String) {
  repo(name: $name) {
    revision(name: "main") {
      tree(isRecursive: true, first: ${ENTRIES}, after: $after) {
        edges { node { path oid ... on File { sizeBytes } lastCommit { title committedAt } } }
        pageInfo { endCursor }
      }
    }
  }
}`;

/** Pages of everything that a repository holds, by GraphQL and by REST in turns: they cost the same wherever they begin. */
export async function graphqlPages(hub: BenchHub, repo: string, requests: number): Promise<LatencyLine[]> {
  const cursors = await pageCursors(hub, repo);
  const places = {
    'at the start': 0,
    'in the middle': cursors.length >> 1,
    'at the end': cursors.length - 2,
  };
  const lines: LatencyLine[] = [];
  for (const [place, index] of Object.entries(places)) {
    const [ours, rest] = await inTurns(hub, pageCalls(hub, repo, cursors[index] ?? null), requests);
    lines.push({
      what: `${ENTRIES} of its entries with their last commits by GraphQL, ${place}`,
      ours,
      peers: [{ name: 'REST', latencies: rest }],
    });
  }
  return lines;
}

/** Where each page of 1,000 entries begins; null is the start. */
async function pageCursors(hub: BenchHub, repo: string): Promise<(string | null)[]> {
  const cursors: (string | null)[] = [null];
  for (let path = `/api/models/${repo}/tree/main?recursive=true`; ;) {
    const { headers } = await hub.get(path);
    const next = /<([^>]+)>; rel="next"/.exec(String(headers['link'] ?? ''))?.[1];
    if (!next) return cursors;
    const { pathname, search, searchParams } = new URL(next);
    cursors.push(searchParams.get('cursor'));
    path = pathname + search;
  }
}

/** The same page by both doors. */
function pageCalls(hub: BenchHub, repo: string, cursor: string | null): readonly [graphql: Call, rest: Call] {
  // A place between two pages, as connections write it.
  const after = cursor && Buffer.from(JSON.stringify([cursor, 0])).toString('base64url');
  const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  const path = `/api/models/${repo}/tree/main?recursive=true&expand=true&limit=${ENTRIES}${from}`;
  return [
    {
      method: 'POST',
      url: `${hub.url}/graphql`,
      headers: { ...hub.authorization, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ query: PAGE, variables: { name: repo, after } })),
    },
    { url: hub.url + path, headers: hub.authorization },
  ];
}

async function inTurns(
  hub: BenchHub,
  [graphql, rest]: readonly [Call, Call],
  requests: number,
): Promise<readonly [Latencies, Latencies]> {
  const times = async (call: Call, count: number): Promise<number[]> =>
    repeat(count, async () => {
      const { body, durationMs } = await hub.connection.call(call);
      if (/"errors?":/.test(body.toString('utf8', 0, 200))) throw new Error(body.toString('utf8', 0, 500));
      return durationMs;
    });
  await times(graphql, WARM_UP);
  await times(rest, WARM_UP);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let first = 0; first < requests; first += IN_TURN) {
    const turn = Math.min(IN_TURN, requests - first);
    ours.push(...(await times(graphql, turn)));
    theirs.push(...(await times(rest, turn)));
  }
  return [new Latencies(ours), new Latencies(theirs)];
}
