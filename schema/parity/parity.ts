import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listServiceMethods, type ServiceMethod } from './service-methods.ts';
import { reasonFor } from './elsewhere.ts';

/** Where the sources of each door lie. */
const DOORS = {
  GraphQL: 'schema/graphql/**/*.ts',
  tRPC: 'schema/trpc/**/*.ts',
  REST: 'facade/**/*.ts',
} as const;
export type Door = keyof typeof DOORS;

/** A method of the domain, and how it is reached. */
export interface ParityRow extends ServiceMethod {
  readonly doors: readonly Door[];
  /** Why neither GraphQL nor tRPC has it; null when one of them does. */
  readonly reason: string | null;
}

/** A call through the services of a request, however it is broken over lines. */
const CALL = /\bservices\s*\.\s*(\w+)\s*\.\s*(\w+)\b/g;

/** Every public method of every service and the doors that call it. @param root the project's folder. */
export async function readParity(root: string): Promise<readonly ParityRow[]> {
  const calls = new Map<Door, ReadonlySet<string>>();
  for (const [door, pattern] of Object.entries(DOORS)) calls.set(door as Door, await callsIn(root, pattern));
  return (await listServiceMethods(root)).map(({ service, method, file }) => {
    const doors = [...calls].filter(([, called]) => called.has(`${service}.${method}`)).map(([door]) => door);
    const isReached = doors.includes('GraphQL') || doors.includes('tRPC');
    return { service, method, file, doors, reason: isReached ? null : reasonFor({ service, method, file }) };
  });
}

async function callsIn(root: string, pattern: string): Promise<ReadonlySet<string>> {
  const called = new Set<string>();
  for await (const path of glob(pattern, { cwd: root })) {
    const source = await readFile(join(root, path), 'utf8');
    for (const [, service, method] of source.matchAll(CALL)) called.add(`${service}.${method}`);
  }
  return called;
}

/** What neither GraphQL nor tRPC reaches, and no protocol of its own accounts for. */
export function unreached(rows: readonly ParityRow[]): readonly string[] {
  return rows
    .filter(({ doors, reason }) => !doors.includes('GraphQL') && !doors.includes('tRPC') && reason === null)
    .map(({ service, method }) => `${service}.${method}`);
}

/** The page `docs/api-parity.md`. */
export function renderParity(rows: readonly ParityRow[]): string {
  const lines = rows.map(({ service, method, doors, reason }) => {
    const marks = (Object.keys(DOORS) as Door[]).map((door) => (doors.includes(door) ? 'yes' : ''));
    return `| \`${service}.${method}\` | ${marks.join(' | ')} | ${reason ?? ''} |`;
  });
  return `# Which door reaches what

Every public method of every service, and the doors that call it. Made by \`npm run parity\`; a test compares it, and fails when neither
GraphQL nor tRPC reaches a method that has no reason in \`schema/parity/elsewhere.ts\`. What the specification asks of REST is in
[seed-coverage.md](seed-coverage.md).

| method | GraphQL | tRPC | REST | why in neither GraphQL nor tRPC |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}
