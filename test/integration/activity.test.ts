import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { MAX_STREAMS_OF_ADDRESS, MAX_STREAMS_OF_USER } from '../../src/domain/activity/activity-feed.ts';
import type { RepoActivity } from '../../src/domain/activity/activity.ts';
import { ANONYMOUS } from '../../src/domain/actor.ts';
import { RepoNotFound } from '../../src/domain/errors.ts';
import { refMoved } from '../../src/domain/activity/subjects.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { type Hub, openHub } from '../../src/server/hub.ts';
import { countStatements } from '../support/count-statements.ts';
import { it as base } from '../support/it.ts';
import { openTestHub } from '../support/test-hub.ts';
import { type TestUser, World } from '../support/world.ts';

const never = new AbortController().signal;

type Stream = AsyncIterableIterator<RepoActivity, undefined>;

function listen(hub: Hub, user: TestUser | null, ref: RepoRef, more = {}): Promise<Stream> {
  const listener = { address: '198.51.100.1', signal: never, ...more };
  return hub.services().activity.ofRepo(user?.actor ?? ANONYMOUS, ref, listener);
}

/** A stream behind its first event. */
async function started(hub: Hub, user: TestUser | null, ref: RepoRef, more = {}): Promise<Stream> {
  const stream = await listen(hub, user, ref, more);
  expect(await stream.next()).toMatchObject({ value: { kind: 'started' } });
  return stream;
}

async function next(stream: Stream): Promise<RepoActivity | undefined> {
  return (await stream.next()).value;
}

/** Counters are told once more after a loss. */
async function nextRef(stream: Stream): Promise<RepoActivity | undefined> {
  let event = await next(stream);
  while (event && event.kind !== 'ref') event = await next(stream);
  return event;
}

/** No test leaves a stream behind. */
const it = base.extend('streams', { auto: true }, ({ hub }, { onCleanup }) => {
  onCleanup(() => {
    const { size } = hub.deps.activity;
    if (size > 0) throw new Error(`${size} streams were left open`);
  });
});

describe('a stream of a repository', () => {
  it('begins with the counters, and tells of commits, refs, likes and downloads', async ({ hub, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const stream = await listen(hub, null, ref);
    expect(await next(stream)).toMatchObject({ kind: 'started', likesCount: 0, downloadsAllTime: 0 });

    const oid = await world.commit(owner, ref, { 'a.txt': 'a' });
    expect(await next(stream)).toMatchObject({
      kind: 'ref',
      refName: 'refs/heads/main',
      oldOid: expect.stringMatching(/^[0-9a-f]{40}$/),
      newOid: oid,
      commit: { oid, title: 'Change files', userName: owner.name },
    });

    const { refs, likes, branches, access } = hub.services();
    await refs.createBranch(owner.actor, ref, 'dev', null);
    expect(await next(stream)).toMatchObject({ refName: 'refs/heads/dev', oldOid: null, newOid: oid });
    await refs.deleteBranch(owner.actor, ref, 'dev');
    expect(await next(stream)).toMatchObject({ oldOid: oid, newOid: null, commit: null });
    await refs.createTag(owner.actor, ref, { name: 'v1', revision: 'main', message: 'annotated' });
    expect(await next(stream)).toMatchObject({ refName: 'refs/tags/v1', commit: null });

    const reverted = await branches.revert(owner.actor, ref, 'main', {
      revision: oid,
      parentNumber: 1,
      allowsEmpty: false,
      message: null,
      expectedHead: null,
    });
    expect(await next(stream)).toMatchObject({ refName: 'refs/heads/main', newOid: reverted.commitOid });

    await likes.like(owner.actor, ref);
    expect(await next(stream)).toMatchObject({ kind: 'likes', likesCount: 1 });
    await likes.like(owner.actor, ref);
    await likes.unlike(owner.actor, ref);
    expect(await next(stream)).toMatchObject({ kind: 'likes', likesCount: 0 });

    const { id: repoId } = await access.require(owner.actor, ref, 'read');
    hub.deps.downloads.note({ repoId, client: { key: 'x', userId: null }, path: null });
    await hub.deps.downloads.flush();
    expect(await next(stream)).toMatchObject({ kind: 'downloads', downloadsAllTime: 1 });
    await stream.return?.();
  });

  it('does not hear of other repositories, nor of what was rolled back', async ({ hub, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const other = await world.repo(owner);
    const stream = await started(hub, owner, ref);
    const { storeId } = await hub.services().access.require(owner.actor, ref, 'read');
    const failing = hub.deps.sql.transaction(async (tx) => {
      tx.announce(refMoved(storeId, 1));
      throw new RepoNotFound();
    });
    await expect(failing).rejects.toThrow(RepoNotFound);
    await world.commit(owner, other, { 'a.txt': 'a' });
    const newOid = await world.commit(owner, ref, { 'a.txt': 'a' });
    expect(await next(stream)).toMatchObject({ newOid });
    await stream.return?.();
  });

  it('goes on behind what its reader knows', async ({ hub, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const stream = await started(hub, owner, ref);
    await world.commit(owner, ref, { 'a.txt': 'a' });
    const known = (await next(stream)) as Extract<RepoActivity, { kind: 'ref' }>;
    await stream.return?.();
    const missed = await world.commit(owner, ref, { 'a.txt': 'b' });
    const again = await started(hub, owner, ref, { afterReflogId: known.reflogId });
    const later = await world.commit(owner, ref, { 'a.txt': 'c' });
    expect(await next(again)).toMatchObject({ newOid: missed });
    expect(await next(again)).toMatchObject({ newOid: later });
    await again.return?.();
  });

  it('hears after a broken connection to the database what it missed', async ({ hub, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const stream = await started(hub, owner, ref);
    const killed = await hub.deps.sql.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'kohaku-hub activity' and datname = current_database()`,
    });
    expect(killed).toHaveLength(1);
    const newOid = await world.commit(owner, ref, { 'a.txt': 'a' });
    expect(await nextRef(stream)).toMatchObject({ newOid });
    const second = await world.commit(owner, ref, { 'a.txt': 'b' });
    expect(await nextRef(stream)).toMatchObject({ newOid: second });
    await stream.return?.();
  });
});

it('costs as many statements for ten streams as for one', async ({ hub, world }) => {
  const owner = await world.user();
  const ref = await world.repo(owner);
  const one = await started(hub, owner, ref);
  const costOf = (like: boolean, streams: readonly Stream[]): Promise<number> =>
    countStatements(hub, async () => {
      const { likes } = hub.services();
      await (like ? likes.like(owner.actor, ref) : likes.unlike(owner.actor, ref));
      for (const stream of streams) expect(await next(stream)).toMatchObject({ kind: 'likes' });
    });
  // What was announced before it began may be on its way.
  await costOf(true, [one]);
  const forOne = await costOf(false, [one]);
  const more: Stream[] = [];
  for (let n = 0; n < 9; n++) more.push(await started(hub, n < 5 ? await world.user() : null, ref));
  expect(await costOf(true, [one, ...more])).toBe(forOne);
  for (const stream of [one, ...more]) await stream.return?.();
});

describe('a stream ends', () => {
  it('when its client goes', async ({ hub, world }) => {
    const owner = await world.user();
    const client = new AbortController();
    const stream = await started(hub, owner, await world.repo(owner), { signal: client.signal });
    const waiting = stream.next();
    client.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const gone = listen(hub, owner, await world.repo(owner), { signal: client.signal });
    await expect(gone).rejects.toThrow('aborted');
  });

  it('at the next event when the repository was hidden', async ({ hub, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const [stranger, nobody, own] = [
      await started(hub, await world.user(), ref),
      await started(hub, null, ref),
      await started(hub, owner, ref),
    ];
    await hub.services().repos.updateSettings(owner.actor, ref, { visibility: 'private' });
    const newOid = await world.commit(owner, ref, { 'secret.txt': 'a' });
    await expect(stranger.next()).rejects.toMatchObject({ code: 'RepoNotFound' });
    await expect(nobody.next()).rejects.toMatchObject({ code: 'RepoNotFound' });
    expect(await next(own)).toMatchObject({ newOid });
    await own.return?.();
    await expect(listen(hub, null, ref)).rejects.toMatchObject({ code: 'RepoNotFound' });
  });

  it('at the next event when the token was deleted', async ({ hub, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const stream = await started(hub, await world.readToken(owner), ref);
    const { tokens } = hub.services();
    const token = (await tokens.list(owner.actor)).find(({ name }) => name === 'read only')!;
    await tokens.delete(owner.actor, token.id);
    await world.commit(owner, ref, { 'a.txt': 'a' });
    await expect(stream.next()).rejects.toMatchObject({ code: 'InvalidCredentials' });
  });

  it('at the next event when its reader is no administrator any more', async ({ hub, world }) => {
    const [admin, owner] = [await world.admin(), await world.user()];
    const ref = await world.repo(owner);
    const stream = await started(hub, admin, ref);
    const other = await world.admin();
    await hub.services().adminUsers.unmakeAdmin(other.actor, admin.name);
    await world.commit(owner, ref, { 'a.txt': 'a' });
    await expect(stream.next()).rejects.toMatchObject({ code: 'InvalidCredentials' });
  });

  it('without an event by the regular look at rights and logins', async ({ hub, world }) => {
    const owner = await world.user();
    const member = await world.user();
    const org = await world.org(owner, [{ user: member, role: 'member' }]);
    const ref = await world.repo(owner, { namespace: org, isPrivate: true });
    const [theirs, own] = [await started(hub, member, ref), await started(hub, owner, ref)];
    await hub.services().orgs.removeMember(owner.actor, org, member.name);
    await hub.deps.activity.recheck();
    await expect(theirs.next()).rejects.toMatchObject({ code: 'RepoNotFound' });
    await hub.services().repos.delete(owner.actor, ref);
    await hub.deps.activity.recheck();
    await expect(own.next()).rejects.toMatchObject({ code: 'RepoNotFound' });
  });

  it('with the hub, and no new one begins', async () => {
    const test = await openTestHub();
    const world = new World(test.hub);
    const owner = await world.user();
    const ref = await world.repo(owner);
    const stream = await started(test.hub, owner, ref);
    test.hub.deps.activity.end();
    await expect(stream.next()).rejects.toMatchObject({ code: 'Unavailable' });
    await expect(listen(test.hub, owner, ref)).rejects.toMatchObject({ code: 'Unavailable' });
    await test.close();
  });
});

describe('streams are bounded', () => {
  it('by address for nobody, by account for users', async ({ hub, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const anonymous = await Promise.all(
      Array.from({ length: MAX_STREAMS_OF_ADDRESS }, () => listen(hub, null, ref, { address: '192.0.2.7' })),
    );
    await expect(listen(hub, null, ref, { address: '192.0.2.7' })).rejects.toMatchObject({
      code: 'TooManyRequests',
    });
    const elsewhere = await listen(hub, null, ref, { address: '192.0.2.8' });
    const own = await Promise.all(
      Array.from({ length: MAX_STREAMS_OF_USER }, () => listen(hub, owner, ref, { address: '192.0.2.7' })),
    );
    await expect(listen(hub, owner, ref)).rejects.toMatchObject({ code: 'TooManyRequests' });
    for (const stream of [...anonymous, elsewhere, ...own]) await stream.return?.();
    await (await listen(hub, owner, ref)).return?.();
  });

  it('to those who can be asked again who they are', async ({ hub, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const authorization = `Basic ${Buffer.from(`${owner.name}:${owner.password}`).toString('base64')}`;
    const actor = await hub
      .services()
      .auth.identify({ authorization, cookie: undefined, method: 'GET', origin: undefined, host: undefined });
    await expect(listen(hub, { ...owner, actor }, ref)).rejects.toMatchObject({ code: 'Forbidden' });
  });
});

it('crosses from one node to another', async () => {
  const first = await openTestHub();
  const secondDir = await mkdtemp(join(tmpdir(), 'hub-node-'));
  const config = loadConfig({ ...first.env, KOHAKU_HUB_DATA_DIR: secondDir });
  const second = await openHub(config, pino({ level: 'silent' }), { migrate: true });
  const world = new World(first.hub);
  const owner = await world.user();
  const ref = await world.repo(owner);
  const stream = await started(second, owner, ref);
  const newOid = await world.commit(owner, ref, { 'a.txt': 'a' });
  expect(await next(stream)).toMatchObject({ newOid });
  await stream.return?.();
  await second.close();
  await first.close();
  await rm(secondDir, { recursive: true, force: true });
});
