import { expect } from 'vitest';
import { it } from '../support/it.ts';

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

it('describes every operation and every part of its path', async ({ app }) => {
  const { openapi, paths } = (await app.inject('/openapi.json')).json<Document>();
  expect(openapi).toBe('3.1.0');
  const flaws: string[] = [];
  for (const [path, operations] of Object.entries(paths)) {
    const variables = [...path.matchAll(/\{(.+?)\}/g)].map((match) => match[1]!);
    for (const [method, { summary, parameters = [] }] of Object.entries(operations)) {
      const named = new Set(parameters.filter((one) => one.in === 'path').map((one) => one.name));
      const missing = variables.filter((variable) => !named.has(variable));
      const strange = [...named].filter((name) => !variables.includes(name));
      if (strange.length > 0) flaws.push(`${method} ${path} describes ${strange.join(', ')}`);
      if (!summary) flaws.push(`${method} ${path} has no summary`);
      if (missing.length > 0) flaws.push(`${method} ${path} does not describe ${missing.join(', ')}`);
    }
  }
  expect(flaws).toEqual([]);
  expect(Object.keys(paths).length).toBeGreaterThan(50);
});

it('shows it as a page', async ({ app }) => {
  const page = await app.inject('/docs');
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-type']).toContain('text/html');
});
