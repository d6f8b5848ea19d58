import type { FastifyInstance } from 'fastify';
import type { TestUser } from './world.ts';

/** A result of GraphQL, as it travels. */
export interface GraphqlResult {
  // oxlint-disable-next-line typescript/no-explicit-any -- Tests look into what they asked for.
  readonly data?: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Sends one operation to `/graphql`. @param user whose token goes with it; null is anonymous. */
export async function graphql(
  app: FastifyInstance,
  user: TestUser | null,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<GraphqlResult> {
  const answer = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: user?.headers ?? {},
    payload: { query, variables },
  });
  return answer.json<GraphqlResult>();
}

/**
 * A result with everything replaced that differs from run to run: names of the world by their prefix and number of
 * appearance, ids of nodes by their type, and dates, commit ids, secrets and cursors by what they are.
 */
export function steady(value: unknown): unknown {
  const names = new Map<string, string>();
  return JSON.parse(JSON.stringify(value), (key, each: unknown) => {
    if (typeof each === 'string') return steadyText(each, key, names);
    return typeof each === 'number' && /^(id|.*Id)$/.test(key) ? '<id>' : each;
  });
}

function steadyText(text: string, key: string, names: Map<string, string>): string {
  if (/^(cursor|nextCursor|startCursor|endCursor)$/.test(key)) return '<cursor>';
  if (key === 'id') return text.replace(/^[\w+/]+=*$/, nodeName);
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<date>')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<sha256>')
    .replaceAll(/\b[0-9a-f]{40}\b/g, '<oid>')
    .replaceAll(/hf_\w{16,}/g, '<token>')
    .replaceAll(/\b([a-z]+)\d+-[a-z0-9]{4,6}\b/g, (name, prefix: string) => {
      const known = names.get(name) ?? `${prefix}${names.size + 1}`;
      names.set(name, known);
      return known;
    });
}

function nodeName(id: string): string {
  const [, type] = /^(\w+):/.exec(Buffer.from(id, 'base64').toString()) ?? [];
  return type ? `<${type}>` : id;
}
