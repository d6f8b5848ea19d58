import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';
import { type GitClient, type GitWorld, it } from './git-hub.ts';

/** A file of a commit, as `git fast-import` takes it. */
interface ImportedFile {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000' | '160000';
  readonly content: string;
}

const PATHS = ['a', 'b c', 'd/e', 'd/é', 'd/f/g', 'quo"te', 'back\\slash', '\u{1f600}/x', 'z'];
const CONTENTS = [
  '',
  'one\n',
  'one\ntwo\nthree\n',
  'one\n2\nthree\n',
  'one\ntwo\nthree',
  'one\r\ntwo\r\n',
  Array.from({ length: 40 }, (_, index) => `${index}\n`).join(''),
  Array.from({ length: 40 }, (_, index) => `${index === 20 ? 'x' : index}\n`).join(''),
];
const file: fc.Arbitrary<ImportedFile> = fc.record({
  path: fc.constantFrom(...PATHS),
  mode: fc.constantFrom('100644', '100644', '100755', '120000', '160000'),
  content: fc.constantFrom(...CONTENTS),
});
/** All files of each commit. */
const snapshots = fc.array(fc.array(file, { maxLength: 12 }), { minLength: 4, maxLength: 4 });

/** Changes of single files; contents of other paths have nothing in common with them. */
const edits = fc.array(
  fc.array(fc.tuple(fc.constantFrom('a', 'b', 'd/e', 'd/f', 'g/h/i'), fc.constantFrom('1', '2', '3', null)), {
    minLength: 1,
    maxLength: 3,
  }),
  { minLength: 5, maxLength: 5 },
);

describe('comparisons of pushed commits', () => {
  it(
    'are patches of which git apply makes the other side',
    { timeout: 120_000 },
    async ({ world, client }) => {
      const { owner, repo } = await newRepo(world);
      let run = 0;
      await fc.assert(
        fc.asyncProperty(snapshots, async (commits) => {
          const names = commits.map((_, index) => `r${run}-${index}`);
          run++;
          const stream = commits.map((files, index) =>
            importCommit(names[index]!, ['deleteall', ...files.map(modify)]),
          );
          await push(client, world.remote(repo, owner), { names, stream });
          for (const [base, head] of names.flatMap((one) => names.map((two) => [one, two] as const))) {
            const patch = await world.read(owner, `${apiUrl(repo)}/compare/${base}..${head}?raw=1`);
            expect(patch.statusCode).toBe(200);
            const tree = applyPatch(client, base, patch.rawPayload);
            expect([base, head, tree]).toEqual([
              base,
              head,
              await client.in('work', 'rev-parse', `${head}^{tree}`),
            ]);
          }
        }),
        { numRuns: 6 },
      );
    },
  );
});

describe('reverts and merges', () => {
  it(
    'make the trees that git revert and git merge make, or refuse what git refuses',
    { timeout: 120_000 },
    async ({ world, client }) => {
      const { owner, repo } = await newRepo(world);
      const remote = world.remote(repo, owner);
      let run = 0;
      await fc.assert(
        fc.asyncProperty(edits, edits, async (first, second) => {
          const [main, side] = [`main-${run}`, `side-${run}`];
          run++;
          const line = (name: string, from: string | null, list: typeof first) =>
            list.map((changes, index) =>
              importCommit(name, [...(index === 0 && from ? [`from ${from}`] : []), ...changes.map(change)]),
            );
          const stream = [
            ...line(main, null, first),
            ...line(side, `refs/heads/${main}`, second.slice(0, 2)),
            ...line(main, null, second.slice(2)),
          ];
          await push(client, remote, { names: [main, side], stream });
          await client.in('work', 'checkout', '--quiet', '--force', '--detach', main);
          for (const commit of (await client.in('work', 'rev-list', main)).split('\n')) {
            const branch = `${main}-without-${commit}x`;
            await world.postJson(owner, `${apiUrl(repo)}/branch/${branch}`, { startingPoint: main });
            const body = { ref: commit, allow_empty: true };
            const answer = await world.postJson(owner, `${apiUrl(repo)}/branch/${branch}/revert`, body);
            const git = await tryInWork(client, ['revert', '--no-commit', '-Xno-renames', commit]);
            expect(await outcome(client, remote, branch, answer.statusCode)).toBe(git);
          }
          const answer = await world.postJson(owner, `${apiUrl(repo)}/merge/${side}/into/${main}`, {});
          const git = await tryInWork(client, ['merge', '--no-commit', '--no-ff', '-Xno-renames', side]);
          expect(await outcome(client, remote, main, answer.statusCode)).toBe(git);
          expect((await client.check('work')).fsck).toBe('');
        }),
        { numRuns: 4 },
      );
    },
  );
});

async function newRepo(world: GitWorld): Promise<{ owner: TestUser; repo: RepoRef }> {
  const owner = await world.user();
  return { owner, repo: await world.repo(owner) };
}

/** Imports commits into a local repository and pushes their branches. */
async function push(
  client: GitClient,
  remote: string,
  { names, stream }: { names: readonly string[]; stream: readonly string[] },
): Promise<void> {
  await client.try('init', '--quiet', 'work');
  execFileSync('git', ['-C', client.path('work'), 'fast-import', '--quiet', '--force'], {
    input: stream.join(''),
    env: client.environment,
  });
  await client.in('work', 'push', '--quiet', remote, ...names.map((name) => `refs/heads/${name}`));
}

function importCommit(branch: string, commands: readonly string[]): string {
  const head = `commit refs/heads/${branch}\ncommitter A <a@example.org> 1800000000 +0000\n${data(`Change ${branch}`)}`;
  return `${head}\n${commands.join('\n')}\n\n`;
}

function modify({ path, mode, content }: ImportedFile): string {
  if (mode === '160000') return `M 160000 ${String(content.length % 10).repeat(39)}1 ${path}`;
  return `M ${mode} inline ${path}\n${data(content)}`;
}

function change([path, content]: readonly [string, string | null]): string {
  return content === null
    ? `D ${path}`
    : `M 100644 inline ${path}\n${data(`${Buffer.from(path).toString('hex').repeat(5)} ${content}`)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

/** The tree that a patch makes of a revision. */
function applyPatch(client: GitClient, revision: string, patch: Buffer): string {
  const git = (args: readonly string[], input?: Buffer): string =>
    execFileSync('git', ['-C', client.path('work'), ...args], { env: client.environment, input })
      .toString()
      .trim();
  git(['read-tree', revision]);
  if (patch.length > 0) git(['apply', '--cached', '--whitespace=nowarn', '-'], patch);
  return git(['write-tree']);
}

/** The tree that git comes to on top of what is checked out, or `conflict`. Leaves nothing behind. */
async function tryInWork(client: GitClient, command: readonly string[]): Promise<string> {
  const { code } = await client
    .with({ GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' })
    .try('-C', client.path('work'), ...command);
  const tree = code === 0 ? await client.in('work', 'write-tree') : 'conflict';
  await client.in('work', 'reset', '--quiet', '--hard');
  return tree;
}

/** The tree that the hub's branch has now, or `conflict`. */
async function outcome(
  client: GitClient,
  remote: string,
  branch: string,
  statusCode: number,
): Promise<string> {
  if (statusCode === 409) return 'conflict';
  if (statusCode !== 200) return `status ${statusCode}`;
  await client.in('work', 'fetch', '--quiet', remote, `+refs/heads/${branch}:refs/fetched/${branch}`);
  return client.in('work', 'rev-parse', `refs/fetched/${branch}^{tree}`);
}
