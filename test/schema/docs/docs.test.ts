import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test as base } from 'vitest';
import { buildApp } from '../../../src/server/app.ts';
import { parseRepoPath } from '../../../src/git/path.ts';
import { freePort } from '../../support/hub-command.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { type Example, examplesOf } from './examples.ts';

const DOCS = new URL('../../../docs/', import.meta.url);

/** What the examples see of the hub: its address, and a token of `ada`, who has the model `ada/tiny`. */
interface Surroundings {
  readonly HUB_URL: string;
  readonly HUB_TOKEN: string;
}

const it = base
  .extend('port', { scope: 'file' }, () => freePort())
  .extend('hub', { scope: 'file' }, async ({ port }, { onCleanup }) => {
    const test = await openTestHub({ BASE_URL: `http://127.0.0.1:${port}` });
    onCleanup(() => test.close());
    return test.hub;
  })
  .extend('env', { scope: 'file' }, async ({ hub, port }, { onCleanup }): Promise<Surroundings> => {
    const app = await buildApp(hub);
    onCleanup(() => app.close());
    await app.listen({ port, host: '127.0.0.1' });
    const { accounts, tokens, auth, repos, commits } = hub.services();
    await accounts.createUserAsOperator({
      name: 'ada',
      password: 'correct horse battery',
      email: 'ada@example.test',
      isAdmin: false,
    });
    const { token } = await tokens.createTokenAsOperator('ada', { name: 'docs', role: 'write' });
    const actor = await auth.identify({
      authorization: `Bearer ${token}`,
      cookie: undefined,
      method: 'GET',
      origin: undefined,
      host: undefined,
    });
    const ref = { type: 'model', namespace: 'ada', name: 'tiny' } as const;
    await repos.create(actor, { ...ref, visibility: 'public', sdk: null });
    await commits.commit(actor, ref, 'main', {
      title: 'Add a README',
      description: '',
      parentCommit: null,
      createsPullRequest: false,
      operations: [{ kind: 'file', path: parseRepoPath('README.md'), bytes: Buffer.from('# Tiny\n') }],
    });
    return { HUB_URL: hub.config.baseUrl, HUB_TOKEN: token };
  })
  .extend('dir', { scope: 'file' }, async ({}, { onCleanup }) => {
    const dir = await mkdtemp(join(tmpdir(), 'hub-docs-'));
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  });

describe.each(['graphql.md', 'trpc.md'])('docs/%s', async (page) => {
  const examples = await examplesOf(page);

  it.for(examples.map((example, index) => [`${index + 1}: ${firstLine(example)}`, example] as const))(
    'example %s',
    async ([, example], { env, dir }) => {
      if (example.language === 'graphql') await runDocument(example, env);
      else await runProgram(example, env, dir);
    },
  );
});

function firstLine({ code }: Example): string {
  return code.split('\n').find((line) => !line.startsWith('import')) ?? '';
}

async function runDocument({ code, notes }: Example, { HUB_URL, HUB_TOKEN }: Surroundings): Promise<void> {
  const response = await fetch(`${HUB_URL}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${HUB_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: code, variables: JSON.parse(notes['variables'] ?? '{}') as unknown }),
  });
  const { data, errors = [] } = (await response.json()) as { data?: object; errors?: object[] };
  const result = { data, errors };
  const expected = JSON.parse(notes['result'] ?? '{}') as { errors?: object[] };
  expect(result).toMatchObject(expected);
  expect(result.errors).toHaveLength(expected.errors?.length ?? 0);
}

/** As a file of its own, whose imports lead to where they lead from `docs`. */
async function runProgram({ language, code, notes }: Example, env: Surroundings, dir: string): Promise<void> {
  expect(language).toBe('ts');
  const imports = /from '([^']+)'/g;
  const resolved = code.replaceAll(imports, (_found, specifier: string) => `from '${resolve(specifier)}'`);
  const file = join(dir, `${crypto.randomUUID()}.mts`);
  await writeFile(file, resolved);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { ...env } });
  expect(stdout).toBe(notes['output']);
}

function resolve(specifier: string): string {
  return specifier.startsWith('.') ? new URL(specifier, DOCS).href : import.meta.resolve(specifier);
}
