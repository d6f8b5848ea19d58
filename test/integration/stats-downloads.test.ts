import { beforeEach, describe, expect, vi } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl, lfsLine, webUrl } from '../support/content.ts';
import { downloadsOf, nextBucket, sessionsOf, stopClock } from '../support/download-counts.ts';
import type { BatchAnswer } from '../support/lfs-world.ts';
import { cookieOf } from '../support/login.ts';
import type { TestUser } from '../support/world.ts';
import { it, type XetWorld } from '../support/xet-world.ts';

// What counts as a download, through every door that gives files away.

beforeEach(() => {
  stopClock();
  return () => void vi.useRealTimers();
});

async function repoWithFiles(world: XetWorld, count: number): Promise<{ owner: TestUser; repo: RepoRef }> {
  const owner = await world.user();
  const repo = await world.repo(owner);
  const files = Array.from({ length: count }, (_, index) => [`f${index}.txt`, `content ${index}`] as const);
  await world.commit(owner, repo, Object.fromEntries(files));
  return { owner, repo };
}

function fileUrl(repo: RepoRef, path = 'f0.txt'): string {
  return `${webUrl(repo)}/resolve/main/${path}`;
}

/** A request without a login from some address. */
function from(world: XetWorld, remoteAddress: string, url: string, headers: Record<string, string> = {}) {
  return world.app.inject({ url, remoteAddress, headers });
}

describe('one download', () => {
  it('is a whole repository that one client gets file by file', async ({ xet }) => {
    const { owner, repo } = await repoWithFiles(xet, 20);
    for (let index = 0; index < 20; index++) {
      await xet.head(owner, fileUrl(repo, `f${index}.txt`));
      expect((await xet.read(owner, fileUrl(repo, `f${index}.txt`))).statusCode).toBe(200);
    }
    expect(await sessionsOf(xet.hub, repo)).toEqual([
      expect.objectContaining({ fileCount: 20, firstFile: 'f0.txt', isAuthenticated: true }),
    ]);
    expect(await downloadsOf(xet.hub, repo)).toBe(1);
  });

  it('goes on when it was written in between, and another begins a quarter of an hour later', async ({
    xet,
  }) => {
    const { owner, repo } = await repoWithFiles(xet, 2);
    for (const path of ['f0.txt', 'f1.txt']) {
      await xet.read(owner, fileUrl(repo, path));
      expect(await downloadsOf(xet.hub, repo)).toBe(1);
    }
    nextBucket();
    await xet.read(owner, fileUrl(repo, 'f1.txt'));
    const sessions = await sessionsOf(xet.hub, repo);
    expect(sessions.map(({ fileCount, firstFile }) => [fileCount, firstFile])).toEqual([
      [2, 'f0.txt'],
      [1, 'f1.txt'],
    ]);
    expect(await downloadsOf(xet.hub, repo)).toBe(2);
  });

  it.for([false, true])(
    'is what comes by LFS, in one batch or in several (private: %s)',
    async (isPrivate, { xet }) => {
      const owner = await xet.user();
      const repo = await xet.repo(owner, { isPrivate });
      await xet.commit(owner, repo, { 'f0.txt': 'content' });
      const objects = [xet.object(), xet.object(), xet.object()];
      for (const object of objects) await xet.upload(owner, repo, object);
      const lines = objects.map((object, index) => lfsLine(`m${index}.bin`, object));
      expect((await xet.commitLines(owner, repo, ...lines)).statusCode).toBe(200);
      // Of an open repository, git-lfs may have credentials that git does not send.
      const git = isPrivate ? owner : null;
      await xet.read(git, fileUrl(repo));
      const missing = xet.object();
      for (const batch of [objects.slice(0, 2), [objects[2]!, missing], [missing]])
        await xet.requestBatch(owner, repo, { operation: 'download', objects: batch });
      const [first] = (
        await xet.requestBatch(owner, repo, { operation: 'download', objects: [objects[0]!] })
      ).json<BatchAnswer>().objects;
      // The URL belongs to what the batch has counted.
      await xet.get(first!.actions!.download!.href);
      expect(await sessionsOf(xet.hub, repo)).toEqual([
        expect.objectContaining({ fileCount: 5, isAuthenticated: isPrivate }),
      ]);
    },
  );

  it.for(['token', 'nobody'] as const)(
    'is what comes by Xet with what comes by HTTP, for %s',
    async (who, { xet }) => {
      const { owner, repo } = await repoWithFiles(xet, 1);
      const packed = await xet.commitByXet(owner, repo, { 'model.bin': xet.randomBytes(300_000) });
      const reader = who === 'token' ? await xet.user() : null;
      await xet.read(reader, fileUrl(repo));
      const grant = await xet.read(reader, `${apiUrl(repo)}/xet-read-token/main`);
      const { casUrl, accessToken: token } = grant.json<{ casUrl: string; accessToken: string }>();
      const to = { casPath: new URL(casUrl).pathname, token };
      const path = `/v1/reconstructions/${packed.files[0]!.hash}`;
      for (const range of ['bytes=0-99999', 'bytes=100000-299999'])
        expect((await xet.cas(to, 'GET', path, { headers: { range } })).statusCode).toBe(200);
      expect(await sessionsOf(xet.hub, repo)).toEqual([
        expect.objectContaining({ fileCount: 2, isAuthenticated: who === 'token' }),
      ]);
    },
  );
});

describe('what counts', () => {
  it('is the first range of a file and the whole of it, not the rest of the ranges', async ({ xet }) => {
    const { owner, repo } = await repoWithFiles(xet, 1);
    for (const range of ['bytes=3-5', 'bytes=3-', 'bytes=-2']) {
      expect((await xet.read(owner, fileUrl(repo), { range })).statusCode).toBe(206);
    }
    expect(await sessionsOf(xet.hub, repo)).toEqual([]);
    for (const range of ['bytes=0-2', 'bytes=0-', 'bytes=1-2,4-5'])
      await xet.read(owner, fileUrl(repo), { range });
    expect(await sessionsOf(xet.hub, repo)).toEqual([expect.objectContaining({ fileCount: 3 })]);
  });

  it('is no look at it, no failure, and nothing that the client has already', async ({ xet }) => {
    const { owner, repo } = await repoWithFiles(xet, 1);
    const { etag } = (await xet.head(owner, fileUrl(repo))).headers;
    await xet.read(owner, fileUrl(repo), { 'if-none-match': String(etag) });
    await xet.read(owner, fileUrl(repo, 'missing.txt'));
    await xet.read(owner, fileUrl(repo), { range: 'bytes=1000-' });
    for (const path of ['', '/tree/main', '/commits/main', '/refs', '/stats'])
      await xet.read(owner, apiUrl(repo) + path);
    await xet.read(owner, `${webUrl(repo)}.git/info/refs?service=git-upload-pack`);
    expect(await sessionsOf(xet.hub, repo)).toEqual([]);
  });

  it('is nothing of a private repository to a stranger, and all to its owner', async ({ xet }) => {
    const owner = await xet.user();
    const repo = await xet.repo(owner, { isPrivate: true });
    await xet.commit(owner, repo, { 'f0.txt': 'secret' });
    expect((await xet.read(await xet.user(), fileUrl(repo))).statusCode).toBe(404);
    expect(await sessionsOf(xet.hub, repo)).toEqual([]);
    await xet.read(owner, fileUrl(repo));
    expect(await sessionsOf(xet.hub, repo)).toHaveLength(1);
  });
});

describe('clients', () => {
  it('without a login are told apart by their address, and by nothing that they choose', async ({ xet }) => {
    const { repo } = await repoWithFiles(xet, 1);
    const url = fileUrl(repo);
    for (const index of [1, 2, 3]) {
      await from(xet, '203.0.113.5', url, {
        'user-agent': `agent ${index}`,
        cookie: `hf_download_session=${index}`,
      });
      await from(xet, '203.0.113.5', url, { 'x-forwarded-for': `198.51.100.${index}` });
    }
    expect(await downloadsOf(xet.hub, repo)).toBe(1);
    await from(xet, '203.0.113.6', url);
    // A home has the /64.
    for (const address of ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:2::1'])
      await from(xet, address, url);
    const sessions = await sessionsOf(xet.hub, repo);
    expect(sessions.map(({ fileCount }) => fileCount)).toEqual([6, 2, 1, 1]);
    expect(sessions.every(({ isAuthenticated }) => !isAuthenticated)).toBe(true);
  });

  it('with different tokens count apart, also those of one user; a session counts by itself', async ({
    xet,
  }) => {
    const { owner, repo } = await repoWithFiles(xet, 1);
    const cookie = await cookieOf(xet.app, owner);
    const others = [await xet.readToken(owner), await xet.user()];
    for (const user of [owner, ...others, owner]) await xet.read(user, fileUrl(repo));
    for (const _ of [1, 2]) await xet.read(null, fileUrl(repo), cookie);
    expect((await sessionsOf(xet.hub, repo)).map(({ fileCount }) => fileCount)).toEqual([2, 2, 1, 1]);
    expect(await downloadsOf(xet.hub, repo)).toBe(4);
  });

  it('leave no address behind, and nothing that two rows have in common', async ({ xet }) => {
    const first = await repoWithFiles(xet, 1);
    const second = await repoWithFiles(xet, 1);
    const address = '203.0.113.77';
    for (const { repo } of [first, second]) await from(xet, address, fileUrl(repo));
    nextBucket();
    await from(xet, address, fileUrl(first.repo));
    const sessions = [
      ...(await sessionsOf(xet.hub, first.repo)),
      ...(await sessionsOf(xet.hub, second.repo)),
    ];
    expect(new Set(sessions.map(({ clientKey }) => clientKey.toString('hex'))).size).toBe(3);
    expect(sessions.every(({ clientKey }) => clientKey.length === 32)).toBe(true);
    const rows = await xet.hub.deps.sql.query({
      text: 'select to_jsonb(d)::text as row from download_session d',
    });
    expect(JSON.stringify(rows)).not.toContain(address);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(address).toString('hex'));
  });
});

it('a download stays counted when whoever downloaded is deleted, and ends with the repository', async ({
  xet,
}) => {
  const { owner, repo } = await repoWithFiles(xet, 1);
  const gone = await repoWithFiles(xet, 1);
  const reader = await xet.user();
  for (const each of [repo, gone.repo]) await xet.read(reader, fileUrl(each));
  // Both are noted and not written yet.
  await xet.hub.deps.sql.execute({ text: 'delete from account where name = $1', values: [reader.name] });
  await xet.hub.services().repos.delete(gone.owner.actor, gone.repo);
  expect(await sessionsOf(xet.hub, gone.repo)).toEqual([]);
  expect(await sessionsOf(xet.hub, repo)).toEqual([expect.objectContaining({ isAuthenticated: true })]);
  await xet.read(owner, fileUrl(repo));
  await sessionsOf(xet.hub, repo);
  await xet.hub.services().repos.delete(owner.actor, repo);
  expect(await sessionsOf(xet.hub, repo)).toEqual([]);
});
