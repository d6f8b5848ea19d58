import { describe, expect } from 'vitest';
import { VERSION } from '../../../src/version.ts';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

describe('likes', () => {
  it('are given, listed from both sides and taken back', async ({ app, world }) => {
    const [owner, fan] = [await world.user(), await world.user()];
    const { namespace, name } = await world.repo(owner);
    const fullName = `${namespace}/${name}`;
    const input = { repo: { name: fullName } };
    expect((await trpcMutation({ app, user: fan, path: 'likes.like', input })).data).toBe(1);
    expect((await trpcMutation({ app, user: fan, path: 'likes.like', input })).data).toBe(1);
    expect((await trpcQuery({ app, user: fan, path: 'likes.isLiked', input })).data).toBe(true);
    expect((await trpcQuery({ app, user: null, path: 'likes.isLiked', input })).data).toBe(false);
    const likedAt = expect.stringMatching(/Z$/);
    expect((await trpcQuery({ app, user: null, path: 'likes.likers', input })).data).toEqual({
      items: [{ name: fan.name, fullName: null, likedAt }],
      nextCursor: null,
    });
    const ofUser = { app, user: null, path: 'likes.ofUser', input: { username: fan.name } };
    expect((await trpcQuery(ofUser)).data).toEqual({
      items: [{ type: 'model', fullName, likedAt }],
      nextCursor: null,
    });
    expect((await trpcMutation({ app, user: fan, path: 'likes.unlike', input })).data).toBe(0);
    expect((await trpcQuery(ofUser)).data.items).toEqual([]);
  });
});

describe('gates', () => {
  it('ask, wait and let in', async ({ hub, app, world }) => {
    const [owner, guest, other] = [await world.user(), await world.user(), await world.user()];
    const repo = await world.repo(owner);
    await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
    const card = '---\nextra_gated_fields:\n  Company: text\n---\n';
    await world.commit(owner, repo, { 'README.md': card });
    const ref = { repo: { name: `${repo.namespace}/${repo.name}` } };
    const questions = [{ name: 'Company', kind: 'text', options: null }];
    expect((await trpcQuery({ app, user: guest, path: 'gates.get', input: ref })).data).toEqual({
      isOpenToCaller: false,
      request: null,
      questions,
    });
    const createdAt = expect.stringMatching(/Z$/);
    const pending = { status: 'pending', rejectionReason: null, createdAt };
    const ask = (answers: object) =>
      trpcMutation({ app, user: guest, path: 'gates.ask', input: { ...ref, answers } });
    expect((await ask({ Company: ['ACME'] })).error?.domainCode).toBe('BadRequest');
    expect((await ask({ Company: 'ACME' })).data).toEqual(pending);
    expect(await trpcMutation({ app, user: guest, path: 'gates.withdraw', input: ref })).toEqual({
      status: 200,
    });
    await ask({ Company: 'ACME' });
    const requests = await trpcQuery({ app, user: owner, path: 'gates.requests', input: ref });
    expect(requests.data).toEqual({
      items: [
        {
          id: expect.any(Number),
          name: guest.name,
          fullName: null,
          email: `${guest.name}@example.test`,
          answers: { Company: 'ACME' },
          ...pending,
        },
      ],
      nextCursor: null,
    });
    const stranger = await trpcQuery({ app, user: other, path: 'gates.requests', input: ref });
    expect(stranger.error?.domainCode).toBe('Forbidden');
    const decide = (input: object) =>
      trpcMutation({ app, user: owner, path: 'gates.decide', input: { ...ref, ...input } });
    const { id } = requests.data.items[0];
    const twice = await decide({ id, username: guest.name, status: 'accepted' });
    expect(twice.error).toEqual({
      domainCode: 'BadRequest',
      message: 'input: Name the request by either id or username.',
    });
    expect(await decide({ id, status: 'accepted' })).toEqual({ status: 200 });
    const gate = await trpcQuery({ app, user: guest, path: 'gates.get', input: ref });
    expect(gate.data).toEqual({
      isOpenToCaller: true,
      request: { ...pending, status: 'accepted' },
      questions,
    });
    const grant = { app, user: owner, path: 'gates.grant', input: { ...ref, username: other.name } };
    expect(await trpcMutation(grant)).toEqual({ status: 200 });
    expect((await trpcMutation(grant)).error?.domainCode).toBe('BadRequest');
  });
});

describe('stats', () => {
  it('count downloads and likes, and list what trends', async ({ hub, app, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner, { type: 'dataset' });
    await hub.deps.sql.execute({
      text: `
        insert into daily_repo_stats
          (repo_id, date, download_sessions, authenticated_downloads, anonymous_downloads, total_files)
        select id, (now() at time zone 'utc')::date - 1, 5, 2, 3, 8 from repo where name = $1`,
      values: [repo.name],
    });
    await hub.services().likes.like(owner.actor, repo);
    const fullName = `${repo.namespace}/${repo.name}`;
    const input = { repo: { type: 'dataset', name: fullName } };
    expect((await trpcQuery({ app, user: null, path: 'stats.totals', input })).data).toEqual({
      downloads: 0,
      likes: 1,
    });
    const recent = await trpcQuery({ app, user: null, path: 'stats.recent', input: { ...input, days: 1 } });
    expect(recent.data).toEqual({
      period: { start: expect.any(String), end: expect.any(String) },
      days: [
        { date: recent.data.period.start, downloads: 5, authenticated: 2, anonymous: 3, files: 8 },
        { date: recent.data.period.end, downloads: 0, authenticated: 0, anonymous: 0, files: 0 },
      ],
    });
    const trending = await trpcQuery({
      app,
      user: null,
      path: 'stats.trending',
      input: { type: 'dataset' },
    });
    const day = expect.stringMatching(/^\d{4}-\d\d-\d\d$/);
    expect(trending.data).toEqual({
      period: { start: day, end: day },
      repos: [
        {
          id: expect.any(Number),
          type: 'dataset',
          fullName,
          visibility: 'public',
          recentDownloads: 5,
          downloadsAllTime: 0,
          likesCount: 1,
        },
      ],
    });
    const tooMany = await trpcQuery({ app, user: null, path: 'stats.trending', input: { days: 91 } });
    expect(tooMany.error?.domainCode).toBe('BadRequest');
  });
});

describe('site', () => {
  it('tells everybody what it is, how it is and what its tags are', async ({ app, world }) => {
    const owner = await world.user();
    const repo = await world.repo(owner, { type: 'space' });
    await world.commit(owner, repo, { 'README.md': '---\nlicense: mit\n---\n' });
    const ask = async (path: string, input?: object) =>
      (await trpcQuery({ app, user: null, path, input })).data;
    expect(await ask('site.info')).toEqual({
      name: 'Kohaku Hub',
      version: VERSION,
      baseUrl: 'http://hub.test',
      isInvitationOnly: false,
      requiresEmailVerification: false,
    });
    const latencyMs = expect.any(Number);
    expect(await ask('site.health')).toEqual([
      { name: 'database', isUp: true, latencyMs },
      { name: 'storage', isUp: true, latencyMs },
    ]);
    expect(await ask('site.tagsByType', { type: 'space' })).toEqual([
      { type: 'license', tags: [{ id: 'license:mit', label: 'mit' }] },
    ]);
  });
});
