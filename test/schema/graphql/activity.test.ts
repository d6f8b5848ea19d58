import { describe, expect } from 'vitest';
import { createHubClient } from '../../../schema/client/index.ts';
import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import { countStatements } from '../../support/count-statements.ts';
import { steady } from '../../support/graphql.ts';
import type { TestUser } from '../../support/world.ts';
import { it } from '../listening-it.ts';

const SUBSCRIPTION = `subscription ($repo: RepoRefInput!) {
  repoActivity(repo: $repo) {
    __typename
    repo { fullName likesCount isLiked headCommit { title } }
    ... on ActivityStarted { likesCount downloads downloadsAllTime }
    ... on RefMoved { refName oldOid newOid commit { oid title userName } at }
    ... on LikesChanged { likesCount }
    ... on DownloadsCounted { downloads downloadsAllTime }
  }
}`;

function named({ type, namespace, name }: RepoRef) {
  return { repo: { type: type.toUpperCase(), name: `${namespace}/${name}` } };
}

/** Follows a repository; the first event is the one that says so. */
function follow(url: string, user: TestUser | null, ref: RepoRef) {
  const { subscribe } = createHubClient({ url, token: user?.token });
  return subscribe(SUBSCRIPTION, named(ref));
}

function likers(fields: string): string {
  return `likers(first: 100) { edges { node { ${fields} } } }`;
}

interface Opening {
  readonly ref: RepoRef;
  readonly query?: string;
  readonly operationName?: string | undefined;
  readonly signal?: AbortSignal;
}

function open(url: string, { ref, query = SUBSCRIPTION, operationName, signal }: Opening): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify({ query, operationName, variables: named(ref) }),
    ...(signal && { signal }),
  });
}

describe('repoActivity', () => {
  it('tells what happens, each time as it is then', async ({ hub, url, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const events = follow(url, owner, ref);
    const seen: unknown[] = [(await events.next()).value];
    await world.commit(owner, ref, { 'a.txt': 'a' });
    seen.push((await events.next()).value);
    await hub.services().likes.like(owner.actor, ref);
    seen.push((await events.next()).value);
    const { id: repoId } = await hub.services().access.require(owner.actor, ref, 'read');
    hub.deps.downloads.note({ repoId, client: { key: 'x', userId: null }, path: null });
    await hub.deps.downloads.flush();
    seen.push((await events.next()).value);
    await hub.services().refs.createTag(owner.actor, ref, { name: 'v1', revision: 'main', message: null });
    seen.push((await events.next()).value);
    await hub.services().refs.deleteTag(owner.actor, ref, 'v1');
    seen.push((await events.next()).value);
    expect(steady(seen)).toMatchInlineSnapshot(`
      [
        {
          "repoActivity": {
            "__typename": "ActivityStarted",
            "downloads": 0,
            "downloadsAllTime": 0,
            "likesCount": 0,
            "repo": {
              "fullName": "user1/repo2",
              "headCommit": {
                "title": "initial commit",
              },
              "isLiked": false,
              "likesCount": 0,
            },
          },
        },
        {
          "repoActivity": {
            "__typename": "RefMoved",
            "at": "<date>",
            "commit": {
              "oid": "<oid>",
              "title": "Change files",
              "userName": "user1",
            },
            "newOid": "<oid>",
            "oldOid": "<oid>",
            "refName": "refs/heads/main",
            "repo": {
              "fullName": "user1/repo2",
              "headCommit": {
                "title": "Change files",
              },
              "isLiked": false,
              "likesCount": 0,
            },
          },
        },
        {
          "repoActivity": {
            "__typename": "LikesChanged",
            "likesCount": 1,
            "repo": {
              "fullName": "user1/repo2",
              "headCommit": {
                "title": "Change files",
              },
              "isLiked": true,
              "likesCount": 1,
            },
          },
        },
        {
          "repoActivity": {
            "__typename": "DownloadsCounted",
            "downloads": 0,
            "downloadsAllTime": 1,
            "repo": {
              "fullName": "user1/repo2",
              "headCommit": {
                "title": "Change files",
              },
              "isLiked": true,
              "likesCount": 1,
            },
          },
        },
        {
          "repoActivity": {
            "__typename": "RefMoved",
            "at": "<date>",
            "commit": {
              "oid": "<oid>",
              "title": "Change files",
              "userName": "user1",
            },
            "newOid": "<oid>",
            "oldOid": null,
            "refName": "refs/tags/v1",
            "repo": {
              "fullName": "user1/repo2",
              "headCommit": {
                "title": "Change files",
              },
              "isLiked": true,
              "likesCount": 1,
            },
          },
        },
        {
          "repoActivity": {
            "__typename": "RefMoved",
            "at": "<date>",
            "commit": null,
            "newOid": null,
            "oldOid": "<oid>",
            "refName": "refs/tags/v1",
            "repo": {
              "fullName": "user1/repo2",
              "headCommit": {
                "title": "Change files",
              },
              "isLiked": true,
              "likesCount": 1,
            },
          },
        },
      ]
    `);
    await events.return(undefined);
    await expect.poll(() => hub.deps.activity.size).toBe(0);
  });

  it('is open to everybody who may see the repository', async ({ hub, url, world }) => {
    const owner = await world.user();
    const events = follow(url, null, await world.repo(owner));
    expect((await events.next()).value).toMatchObject({ repoActivity: { __typename: 'ActivityStarted' } });
    await events.return(undefined);
    const hidden = follow(url, null, await world.repo(owner, { isPrivate: true }));
    await expect(hidden.next()).rejects.toMatchObject({ code: 'RepoNotFound' });
    await expect.poll(() => hub.deps.activity.size).toBe(0);
  });

  it('ends with an error that says why', async ({ hub, url, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const events = follow(url, null, ref);
    await events.next();
    await hub.services().repos.updateSettings(owner.actor, ref, { visibility: 'private' });
    await world.commit(owner, ref, { 'secret.txt': 'a' });
    await expect(events.next()).rejects.toMatchObject({ code: 'RepoNotFound', data: null });
    expect(hub.deps.activity.size).toBe(0);
  });

  it('is sent unbuffered, and nothing of it is kept', async ({ hub, url, world }) => {
    const ref = await world.repo(await world.user());
    const client = new AbortController();
    const { status, headers, body } = await open(url, { ref, signal: client.signal });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(headers.get('cache-control')).toMatch(/no-cache/);
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.has('content-length')).toBe(false);
    const reader = body!.getReader();
    let text = '';
    while (!text.includes('ActivityStarted')) text += Buffer.from((await reader.read()).value).toString();
    expect(hub.deps.activity.size).toBe(1);
    client.abort();
    await expect.poll(() => hub.deps.activity.size).toBe(0);
  });

  it('does not begin when an event would cost too much', async ({ hub, url, world }) => {
    const ref = await world.repo(await world.user());
    const costly = `subscription Costly($repo: RepoRefInput!) {
      repoActivity(repo: $repo) { repo { ${likers(`repo { ${likers('likedAt')} }`)} } }
    }`;
    // An operation beside it that costs nothing does not stand for it.
    const cheap = 'subscription Cheap($repo: RepoRefInput!) { repoActivity(repo: $repo) { __typename } }';
    for (const [query, operationName] of [
      [costly, undefined],
      [`${cheap} ${costly}`, 'Costly'],
    ] as const) {
      const statements = await countStatements(hub, async () => {
        // It is the hub that ends it: the text is read to its end.
        const text = await (await open(url, { query, operationName, ref })).text();
        expect(text).toMatch(/event: next\ndata: \{"errors":\[\{"message":"The operation costs/);
        expect(text).toMatch(/event: complete\ndata:\n\n$/);
      });
      expect(statements).toBe(0);
    }
  });

  it('has one stream in an operation', async ({ url, world }) => {
    const ref = await world.repo(await world.user());
    const { subscribe } = createHubClient({ url });
    const twice = subscribe(
      `subscription ($repo: RepoRefInput!) {
        a: repoActivity(repo: $repo) { __typename } b: repoActivity(repo: $repo) { __typename }
      }`,
      named(ref),
    );
    await expect(twice.next()).rejects.toMatchObject({ code: 'BadRequest' });
  });
});
