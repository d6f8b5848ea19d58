import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { CommitOperation, CommitRequest } from '../../src/domain/version/commit-request.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';

function request(operations: CommitRequest['operations'], more: Partial<CommitRequest> = {}): CommitRequest {
  return {
    title: 'Test',
    description: '',
    parentCommit: null,
    createsPullRequest: false,
    operations,
    ...more,
  };
}

function file(path: string, content: string | Buffer): CommitOperation {
  return { kind: 'file', path: parseRepoPath(path), bytes: Buffer.from(content) };
}

/** Enough that the tree of their folder is too large to be inline. */
function manyFiles(folder: string): CommitOperation[] {
  return Array.from({ length: 4000 }, (_, index) => file(`${folder}/${index}.txt`, `${folder}${index}`));
}

async function problems(hub: Hub): Promise<string[]> {
  const found: string[] = [];
  await hub
    .services()
    .fsck.runAsOperator(({ code, where, message }) => found.push(`${code} ${where}: ${message}`));
  return found;
}

describe('commit', () => {
  it('keeps small commits in the database and large contents in the object store', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    const { commits, access, trees, blobs } = hub.services();
    await commits.commit(alice.actor, ref, 'main', request([file('a.txt', 'small')]));
    const large = randomBytes(300_000);
    const { commitOid } = await commits.commit(alice.actor, ref, 'main', request([file('large.txt', large)]));
    const repo = await access.require(alice.actor, ref, 'read');
    const segments = await hub.deps.sql.query<{ kind: string; inline: boolean }>({
      text: 'select kind, inline_pack is not null as inline from git_segment where store_id = $1 order by id',
      values: [repo.storeId],
    });
    expect(segments).toEqual([
      { kind: 'meta', inline: true },
      { kind: 'meta', inline: true },
      { kind: 'blobs', inline: false },
      { kind: 'meta', inline: true },
    ]);
    const item = await trees.entry(repo, commitOid, 'large.txt');
    await expect(blobs.read(repo, item!.oid, 1_000_000)).resolves.toEqual(large);
    await expect(problems(hub)).resolves.toEqual([]);
  });

  it('loses nothing when 16 writers commit to one branch', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        hub.services().commits.commit(alice.actor, ref, 'main', request([file(`f${index}.txt`, `${index}`)])),
      ),
    );
    const repo = await hub.services().access.require(alice.actor, ref, 'read');
    expect(new Set(results.map((result) => result.commitOid)).size).toBe(16);
    const history = await hub.services().history.list(repo, repo.headOid!, { limit: 100 });
    const ids = new Set(history.items.map((commit) => commit.oid));
    for (const { commitOid } of results) expect(ids).toContain(commitOid);
    expect(history.items).toHaveLength(17);
    await expect(problems(hub)).resolves.toEqual([]);
  });

  it('plans trees that are too large to be inline again when the branch moved', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    await Promise.all(
      ['a', 'b', 'c'].map((prefix) =>
        hub.services().commits.commit(alice.actor, ref, 'main', request(manyFiles(prefix))),
      ),
    );
    const { access, trees } = hub.services();
    const repo = await access.require(alice.actor, ref, 'read');
    const top = await trees.list(repo, repo.headOid!, {
      path: '',
      recursive: false,
      withLastCommit: false,
      limit: 100,
    });
    expect(top.items.map((item) => item.path)).toEqual(['a', 'b', 'c', '.gitattributes']);
    await expect(problems(hub)).resolves.toEqual([]);
  });

  it('makes no commit when nothing changes', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    const first = await hub.services().commits.commit(alice.actor, ref, 'main', request([file('a', 'same')]));
    const again = await hub.services().commits.commit(alice.actor, ref, 'main', request([file('a', 'same')]));
    expect(again.commitOid).toBe(first.commitOid);
  });

  it('refuses a stale parent and takes a short one', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    const first = await world.commit(alice, ref, { a: '1' });
    const { commits } = hub.services();
    await commits.commit(
      alice.actor,
      ref,
      'main',
      request([file('a', '2')], { parentCommit: first.slice(0, 7) }),
    );
    await expect(
      commits.commit(alice.actor, ref, 'main', request([file('a', '3')], { parentCommit: first })),
    ).rejects.toMatchObject({ code: 'StaleParent' });
  });

  it('charges the namespace for new bytes once, and leaves nothing behind when the quota is exceeded', async ({
    hub,
    world,
  }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    const { commits, access } = hub.services();
    const before = (await access.require(alice.actor, ref, 'read')).usedBytes;
    await commits.commit(
      alice.actor,
      ref,
      'main',
      request([file('a', 'x'.repeat(5000)), file('b', 'x'.repeat(5000))]),
    );
    expect((await access.require(alice.actor, ref, 'read')).usedBytes).toBe(before + 5000);
    await hub.deps.sql.execute({
      text: 'update account set public_quota_bytes = public_used_bytes + 10 where normalized_name = $1',
      values: [alice.name.replaceAll('-', '_')],
    });
    await expect(
      commits.commit(alice.actor, ref, 'main', request([file('c', randomBytes(200_000))])),
    ).rejects.toMatchObject({ code: 'QuotaExceeded' });
    expect((await access.require(alice.actor, ref, 'read')).usedBytes).toBe(before + 5000);
    await expect(problems(hub)).resolves.toEqual([]);
  });

  it('has room for exactly one of many uploads that want the last bytes', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    await hub.deps.sql.execute({
      text: 'update account set public_quota_bytes = public_used_bytes + 1500 where normalized_name = $1',
      values: [alice.name.replaceAll('-', '_')],
    });
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        hub
          .services()
          .commits.commit(alice.actor, ref, 'main', request([file(`f${index}`, randomBytes(1000))])),
      ),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it('copies and deletes in order, and names what is missing', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    await world.commit(alice, ref, { 'a.txt': 'a', 'dir/x': 'x', 'dir/y': 'y' });
    const { commits, access, trees } = hub.services();
    const { commitOid } = await commits.commit(
      alice.actor,
      ref,
      'main',
      request([
        {
          kind: 'copyFile',
          path: parseRepoPath('copy.txt'),
          sourcePath: parseRepoPath('a.txt'),
          sourceRevision: null,
        },
        { kind: 'deleteFile', path: parseRepoPath('a.txt') },
        { kind: 'deleteFolder', path: parseRepoPath('dir') },
      ]),
    );
    const repo = await access.require(alice.actor, ref, 'read');
    expect(await trees.entry(repo, commitOid, 'copy.txt')).toMatchObject({ kind: 'file', sizeBytes: 1 });
    expect(await trees.entry(repo, commitOid, 'dir')).toBeNull();
    await expect(
      commits.commit(
        alice.actor,
        ref,
        'main',
        request([{ kind: 'deleteFile', path: parseRepoPath('missing') }]),
      ),
    ).rejects.toMatchObject({ code: 'EntryNotFound' });
  });

  it('is refused to strangers, read tokens and on things that are not branches', async ({ hub, world }) => {
    const alice = await world.user();
    const bob = await world.user();
    const ref = await world.repo(alice);
    const { commits } = hub.services();
    const attempt = (actor: typeof alice.actor, revision = 'main') =>
      commits.commit(actor, ref, revision, request([file('a', 'a')]));
    await expect(attempt({ kind: 'anonymous' })).rejects.toMatchObject({ code: 'Unauthenticated' });
    await expect(attempt(bob.actor)).rejects.toMatchObject({ code: 'Forbidden' });
    await expect(attempt((await world.readToken(alice)).actor)).rejects.toMatchObject({ code: 'Forbidden' });
    for (const revision of ['missing', 'refs/tags/v1', 'a'.repeat(40), '../x', 'refs/pr/7']) {
      await expect(attempt(alice.actor, revision)).rejects.toMatchObject({ code: 'RevisionNotFound' });
    }
  });

  it('opens pull requests for readers, and lets only their authors and writers go on', async ({
    hub,
    world,
  }) => {
    const alice = await world.user();
    const bob = await world.user();
    const carol = await world.user();
    const ref = await world.repo(alice);
    const { commits } = hub.services();
    const opened = await commits.commit(
      bob.actor,
      ref,
      'main',
      request([file('b', 'b')], { createsPullRequest: true }),
    );
    expect(opened).toMatchObject({ refName: 'refs/pr/1', pullRequestNumber: 1 });
    await commits.commit(bob.actor, ref, 'refs/pr/1', request([file('c', 'c')]));
    await commits.commit(alice.actor, ref, 'refs/pr/1', request([file('d', 'd')]));
    await expect(
      commits.commit(carol.actor, ref, 'refs/pr/1', request([file('e', 'e')])),
    ).rejects.toMatchObject({
      code: 'Forbidden',
    });
    const repo = await hub.services().access.require(alice.actor, ref, 'read');
    expect(await hub.services().trees.entry(repo, repo.headOid!, 'b')).toBeNull();
    await expect(problems(hub)).resolves.toEqual([]);
  });
});

describe('refs', () => {
  it('refuses names that Git could not keep side by side', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    const { refs } = hub.services();
    await refs.createBranch(alice.actor, ref, 'a/b', null);
    for (const name of ['a', 'a/b/c', 'a/b']) {
      await expect(refs.createBranch(alice.actor, ref, name, null)).rejects.toMatchObject({
        code: 'RefExists',
      });
    }
    await refs.createBranch(alice.actor, ref, 'a/c', null);
    await refs.createTag(alice.actor, ref, { name: 'a', revision: 'main', message: null });
  });

  it('gives one of many racing creations the name', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => hub.services().refs.createBranch(alice.actor, ref, 'race', null)),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it('peels annotated tags', async ({ hub, world }) => {
    const alice = await world.user();
    const ref = await world.repo(alice);
    const head = await world.commit(alice, ref, { a: '1' });
    const { refs } = hub.services();
    await refs.createTag(alice.actor, ref, { name: 'v1', revision: 'main', message: 'Version 1' });
    expect((await refs.list(alice.actor, ref)).tags).toEqual([
      { name: 'v1', refName: 'refs/tags/v1', commitOid: head },
    ]);
    await expect(problems(hub)).resolves.toEqual([]);
  });
});
