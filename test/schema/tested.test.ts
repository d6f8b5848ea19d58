import { glob, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { schema } from '../../schema/graphql/schema.ts';
import { appRouter } from '../../schema/trpc/router.ts';

const FOLDER = new URL('.', import.meta.url).pathname;

/** The texts of all tests of a door, and of what runs the documents and examples. */
async function textOf(patterns: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for await (const path of glob([...patterns], { cwd: FOLDER }))
    texts.push(await readFile(`${FOLDER}${path}`, 'utf8'));
  return texts.join('\n');
}

it('every query, mutation and subscription of GraphQL is in a test', async () => {
  const text = await textOf(['graphql/**/*.test.ts', 'doors/**/*.test.ts']);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((type) => Object.keys(type!.getFields()));
  expect(fields.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});

it('every procedure of tRPC is in a test', async () => {
  const text = await textOf(['trpc/**/*.test.ts', 'doors/**/*.test.ts']);
  const paths = Object.keys(appRouter._def.procedures);
  // A test may name the router and the procedure apart.
  const isNamed = (path: string) => path.split('.').every((part) => new RegExp(`\\b${part}\\b`).test(text));
  expect(paths.filter((path) => !isNamed(path))).toEqual([]);
});
