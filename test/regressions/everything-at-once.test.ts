import { expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import {
  apiUrl,
  type ContentWorld,
  fileLine,
  HEADER,
  it,
  lfsLine,
  ndjson,
  webUrl,
} from '../support/content.ts';
import type { TestObject } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';

interface Scene {
  readonly content: ContentWorld;
  readonly owner: TestUser;
  readonly repo: RepoRef;
  readonly other: string;
  /** Wanted by every repository at the same time. */
  readonly shared: TestObject;
}

/** Everything that locks rows of a repository, its namespaces or LFS objects. Each resolves with the statuses it saw. */
const ACTIONS: readonly ((scene: Scene, round: number) => Promise<number[]>)[] = [
  (scene, round) => commit(scene, 'main', `main-${round}.txt`),
  (scene, round) => commit(scene, 'side', `side-${round}.txt`),
  (scene, round) => commit(scene, 'main?create_pr=1', `proposal-${round}.txt`),
  async ({ content, owner, repo }, round) => {
    const url = `${apiUrl(repo)}/settings`;
    const payload = { private: round % 2 === 0 };
    return [(await content.request(owner, { method: 'PUT', url, payload })).statusCode];
  },
  async ({ content, owner, repo, other }, round) => {
    const there = `${other}/${repo.name}`;
    const here = `${repo.namespace}/${repo.name}`;
    const [fromRepo, toRepo] = round % 2 === 0 ? [here, there] : [there, here];
    return [(await content.postJson(owner, '/api/repos/move', { fromRepo, toRepo })).statusCode];
  },
  async (scene, round) => {
    const { content, owner, repo, shared } = scene;
    const objects = [shared, content.object()];
    const asked = await content.requestBatch(owner, repo, { operation: 'upload', objects });
    const body = ndjson([HEADER, lfsLine(`large-${round}.bin`, shared)]);
    const committed = await content.sendCommit(owner, repo, body);
    return [asked.statusCode, committed.statusCode];
  },
  async ({ content, owner, repo }, round) => [
    (await content.postJson(owner, `${apiUrl(repo)}/branch/new-${round}`, {})).statusCode,
  ],
  async ({ content, owner, repo }, round) => {
    const method = round % 2 === 0 ? 'POST' : 'DELETE';
    return [(await content.request(owner, { method, url: `${apiUrl(repo)}/like` })).statusCode];
  },
  async ({ content, owner, repo }) => {
    const { statusCode } = await content.read(owner, `${webUrl(repo)}/resolve/main/.gitattributes`);
    await content.hub.deps.downloads.flush();
    await content.hub.services().stats.rollUp();
    return [statusCode];
  },
  async ({ content, owner, repo }) => [
    (await content.postJson(owner, '/api/repos/create', { name: repo.name, organization: repo.namespace }))
      .statusCode,
  ],
];

async function commit({ content, owner, repo }: Scene, revision: string, path: string): Promise<number[]> {
  const answer = await content.sendCommit(owner, repo, ndjson([HEADER, fileLine(path, path)]), { revision });
  return [answer.statusCode];
}

it('whatever happens to repositories at the same time, nothing fails inside, and the hub is whole', async ({
  content,
}) => {
  const owner = await content.user();
  const other = await content.org(owner);
  const shared = content.object(50_000);
  const source = await content.repo(owner);
  await content.commitLfs(owner, source, 'large.bin', shared);
  const scenes = await Promise.all(
    [1, 2, 3].map(async (): Promise<Scene> => {
      const repo = await content.repo(owner);
      await content.postJson(owner, `${apiUrl(repo)}/branch/side`, {});
      return { content, owner, repo, other, shared };
    }),
  );
  for (let round = 0; round < 6; round++) {
    const statuses = await Promise.all(
      scenes.flatMap((scene) => ACTIONS.map((action) => action(scene, round))),
    );
    expect(statuses.flat().filter((status) => status >= 500)).toEqual([]);
  }
  const last = scenes.flatMap((scene) => ACTIONS.map((action) => action(scene, 6)));
  const deletions = scenes.flatMap(({ repo }) =>
    [owner.name, other].map(async (organization) => {
      const payload = { name: repo.name, organization };
      const url = '/api/repos/delete';
      return [(await content.request(owner, { method: 'DELETE', url, payload })).statusCode];
    }),
  );
  expect((await Promise.all([...last, ...deletions])).flat().filter((status) => status >= 500)).toEqual([]);
  const findings: unknown[] = [];
  await content.hub.services().fsck.runAsOperator((finding) => findings.push(finding));
  expect(findings).toEqual([]);
});
