import { expect } from 'vitest';
import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import { type ContentWorld, it } from '../../support/content.ts';
import { steady } from '../../support/graphql.ts';
import { trpcQuery } from '../../support/trpc.ts';
import type { TestUser } from '../../support/world.ts';
import { fullName } from '../graphql/full-name.ts';

interface Compared {
  readonly owner: TestUser;
  readonly ref: RepoRef;
  readonly base: string;
  /** Between them. */
  readonly middle: string;
  readonly head: string;
}

/** Two commits: the second one changed a file, moved another and added an LFS file. */
async function compared(content: ContentWorld): Promise<Compared> {
  const owner = await content.user();
  const ref = await content.repo(owner);
  const base = await content.commit(owner, ref, { 'a.txt': 'one\ntwo\n', 'moved.txt': 'moves\n' });
  const files = { 'a.txt': 'one\nthree\n', 'moved.txt': null, 'd/moved.txt': 'moves\n' };
  const middle = await content.commit(owner, ref, files);
  await content.commitLfs(owner, ref, 'w.bin', content.object(2000));
  return { owner, ref, base, middle, head: await content.headOf(owner, ref) };
}

it('comparisons show how two revisions lie to each other, and what differs', async ({ app, content }) => {
  const { ref, base, head } = await compared(content);
  const range = { repo: { name: fullName(ref) }, base, head };
  const ask = (path: string, input: object = {}) =>
    trpcQuery({ app, user: null, path: `comparisons.${path}`, input: { ...range, ...input } });
  expect((await ask('get')).data).toEqual({
    baseOid: base,
    headOid: head,
    mergeBaseOid: base,
    aheadCount: 2,
    behindCount: 0,
  });
  expect(steady((await ask('commits', { limit: 1 })).data)).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "authorEmail": "user1@users.noreply.hub.test",
          "authorName": "user1",
          "body": "",
          "committedAt": "<date>",
          "oid": "<oid>",
          "parents": [
            "<oid>",
          ],
          "title": "Change files",
          "userName": "user1",
        },
      ],
      "nextCursor": "<cursor>",
    }
  `);
  expect(steady((await ask('changedFiles')).data)).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "after": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 10,
          },
          "before": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 8,
          },
          "kind": "modified",
          "oldPath": null,
          "path": "a.txt",
        },
        {
          "after": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 6,
          },
          "before": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 6,
          },
          "kind": "renamed",
          "oldPath": "moved.txt",
          "path": "d/moved.txt",
        },
        {
          "after": {
            "lfs": {
              "pointerSizeBytes": 129,
              "sha256": "<sha256>",
              "sizeBytes": 2000,
            },
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 2000,
          },
          "before": null,
          "kind": "added",
          "oldPath": null,
          "path": "w.bin",
        },
      ],
      "nextCursor": null,
    }
  `);
  expect(steady((await ask('diffs', { path: 'a.txt' })).data)).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "addedLines": 1,
          "after": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 10,
          },
          "before": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 8,
          },
          "deletedLines": 1,
          "kind": "modified",
          "noText": null,
          "oldPath": null,
          "path": "a.txt",
          "text": "--- a/a.txt
    +++ b/a.txt
    @@ -1,2 +1,2 @@
     one
    -two
    +three
    ",
        },
      ],
      "nextCursor": null,
    }
  `);
  expect(steady((await ask('diffs', { path: 'w.bin' })).data)).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "addedLines": 0,
          "after": {
            "lfs": {
              "pointerSizeBytes": 129,
              "sha256": "<sha256>",
              "sizeBytes": 2000,
            },
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 2000,
          },
          "before": null,
          "deletedLines": 0,
          "kind": "added",
          "noText": "lfs",
          "oldPath": null,
          "path": "w.bin",
          "text": null,
        },
      ],
      "nextCursor": null,
    }
  `);
  expect(steady((await ask('patch')).data)).toMatchInlineSnapshot(`
    {
      "text": "diff --git a/a.txt b/a.txt
    index <oid>..<oid> 100644
    --- a/a.txt
    +++ b/a.txt
    @@ -1,2 +1,2 @@
     one
    -two
    +three
    diff --git a/moved.txt b/d/moved.txt
    similarity index 100%
    rename from moved.txt
    rename to d/moved.txt
    diff --git a/w.bin b/w.bin
    new file mode 100644
    index <oid>..<oid>
    --- /dev/null
    +++ b/w.bin
    @@ -0,0 +1,3 @@
    +version https://git-lfs.github.com/spec/v1
    +oid sha256:<sha256>
    +size 2000
    ",
    }
  `);
  const behind = await ask('commits', { base: head, head: base, side: 'behind' });
  expect(behind.data.items).toHaveLength(2);
});

it('commits show what they changed', async ({ app, content }) => {
  const { ref, middle } = await compared(content);
  const input = { repo: { name: fullName(ref) }, revision: middle };
  const ask = async (path: string) =>
    steady((await trpcQuery({ app, user: null, path: `commits.${path}`, input })).data);
  expect(await ask('changedFiles')).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "after": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 10,
          },
          "before": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 8,
          },
          "kind": "modified",
          "oldPath": null,
          "path": "a.txt",
        },
        {
          "after": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 6,
          },
          "before": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 6,
          },
          "kind": "renamed",
          "oldPath": "moved.txt",
          "path": "d/moved.txt",
        },
      ],
      "nextCursor": null,
    }
  `);
  expect(await ask('diffs')).toMatchInlineSnapshot(`
    {
      "items": [
        {
          "addedLines": 1,
          "after": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 10,
          },
          "before": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 8,
          },
          "deletedLines": 1,
          "kind": "modified",
          "noText": null,
          "oldPath": null,
          "path": "a.txt",
          "text": "--- a/a.txt
    +++ b/a.txt
    @@ -1,2 +1,2 @@
     one
    -two
    +three
    ",
        },
        {
          "addedLines": 0,
          "after": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 6,
          },
          "before": {
            "lfs": null,
            "mode": "100644",
            "oid": "<oid>",
            "sizeBytes": 6,
          },
          "deletedLines": 0,
          "kind": "renamed",
          "noText": null,
          "oldPath": "moved.txt",
          "path": "d/moved.txt",
          "text": "",
        },
      ],
      "nextCursor": null,
    }
  `);
});

it('comparisons and diffs of commits page from place to place, within bounds', async ({ app, content }) => {
  const { ref, base, middle, head } = await compared(content);
  const repo = { name: fullName(ref) };
  const ask = (path: string, input: object) =>
    trpcQuery({ app, user: null, path, input: { repo, ...input } });
  for (const [path, input, paths] of [
    ['comparisons.changedFiles', { base, head }, ['a.txt', 'd/moved.txt', 'w.bin']],
    ['comparisons.diffs', { base, head }, ['a.txt', 'd/moved.txt', 'w.bin']],
    ['commits.changedFiles', { revision: middle }, ['a.txt', 'd/moved.txt']],
    ['commits.diffs', { revision: middle }, ['a.txt', 'd/moved.txt']],
  ] as const) {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { data } = await ask(path, { ...input, limit: 1, cursor });
      seen.push(...data.items.map((item: { path: string }) => item.path));
      cursor = data.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(paths);
    expect((await ask(path, { ...input, cursor: 'x' })).error?.domainCode).toBe('BadRequest');
    expect((await ask(path, { ...input, limit: 1001 })).error?.domainCode).toBe('BadRequest');
  }
  expect((await ask('commits.diffs', { limit: 101 })).error?.domainCode).toBe('BadRequest');
  expect((await ask('comparisons.get', { base: 'missing', head })).error?.domainCode).toBe(
    'RevisionNotFound',
  );
});

it('comparisons keep texts behind the gate, and hidden repositories hidden', async ({
  hub,
  app,
  content,
}) => {
  const { owner, ref, base, head } = await compared(content);
  const ask = async (path: string) => {
    const input = { repo: { name: fullName(ref) }, base, head };
    return (await trpcQuery({ app, user: null, path, input })).error?.domainCode ?? null;
  };
  const codes = async () => ({
    names: await ask('comparisons.changedFiles'),
    diffs: await ask('comparisons.diffs'),
    patch: await ask('comparisons.patch'),
    ofCommit: await ask('commits.diffs'),
  });
  const { repos } = hub.services();
  await repos.updateSettings(owner.actor, ref, { gated: 'auto' });
  expect(await codes()).toEqual({
    names: null,
    diffs: 'GatedRepo',
    patch: 'GatedRepo',
    ofCommit: 'GatedRepo',
  });
  await repos.updateSettings(owner.actor, ref, { gated: null, visibility: 'private' });
  const hidden = 'RepoNotFound';
  expect(await codes()).toEqual({ names: hidden, diffs: hidden, patch: hidden, ofCommit: hidden });
});
