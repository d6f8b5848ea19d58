import { describe, expect } from 'vitest';
import { it } from './lfs-hub.ts';

interface ClientLock {
  readonly id: string;
  readonly path: string;
  readonly owner: { readonly name: string };
}

function locksOf(json: string): readonly (readonly [string, string])[] {
  return (JSON.parse(json) as readonly ClientLock[]).map(({ path, owner }) => [path, owner.name]);
}

describe('git lfs lock', () => {
  it('locks, lists and unlocks for the people of a repository', async ({ lfs, as }) => {
    const [owner, member] = [await lfs.user(), await lfs.user()];
    const namespace = await lfs.org(owner, [{ user: member, role: 'member' }]);
    const files = { 'a.bin': lfs.object(), 'b c.bin': lfs.object() };
    const repo = await lfs.lfsRepo(owner, files, { namespace });
    const mine = await as(owner);
    const theirs = await as(member);
    const anonymous = await as(null);
    for (const client of [mine, theirs, anonymous]) await client.clone(repo);

    expect(await mine.lfs('lock', 'a.bin')).toBe('Locked a.bin');
    expect(await theirs.lfs('lock', 'b c.bin')).toBe('Locked b c.bin');
    const all = [
      ['a.bin', owner.name],
      ['b c.bin', member.name],
    ];
    for (const client of [mine, theirs, anonymous])
      expect(locksOf(await client.lfs('locks', '--json'))).toEqual(all);
    expect(await mine.lfs('locks', '--verify')).toMatch(/^O a\.bin\s.+\n {2}b c\.bin\s/);
    expect(locksOf(await mine.lfs('locks', '--json', '--path', 'b c.bin'))).toEqual([all[1]]);
    expect(locksOf(await mine.lfs('locks', '--json', '--limit', '1'))).toEqual([all[0]]);

    const again = await theirs.tryLfs('lock', 'a.bin');
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining(`locked by ${owner.name} since`)]);
    const nobody = await anonymous.tryLfs('lock', 'c.bin');
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringMatching(/credentials|could not read/i)]);

    expect(await mine.lfs('unlock', 'a.bin')).toBe('Unlocked a.bin');
    expect(locksOf(await theirs.lfs('locks', '--json'))).toEqual([all[1]]);
  });

  it('ends the lock of somebody else for an administrator who insists', async ({ lfs, as }) => {
    const [owner, member, colleague] = [await lfs.user(), await lfs.user(), await lfs.user()];
    const namespace = await lfs.org(owner, [
      { user: member, role: 'member' },
      { user: colleague, role: 'member' },
    ]);
    const repo = await lfs.lfsRepo(owner, { 'a.bin': lfs.object() }, { namespace });
    const clients = await Promise.all([owner, member, colleague].map((user) => as(user)));
    for (const client of clients) await client.clone(repo);
    const [admin, holder, other] = clients as [(typeof clients)[0], (typeof clients)[0], (typeof clients)[0]];
    await holder.lfs('lock', 'a.bin');
    const refused = await other.tryLfs('unlock', '--force', 'a.bin');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Only')]);
    const careful = await admin.tryLfs('unlock', 'a.bin');
    expect([careful.code, careful.stderr]).toEqual([2, expect.stringContaining('--force')]);
    expect(await admin.lfs('unlock', '--force', 'a.bin')).toBe('Unlocked a.bin');
    expect(await holder.lfs('locks')).toBe('');
  });

  it('follows a repository to its new name, and needs a token that may write', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const repo = await lfs.lfsRepo(owner, { 'a.bin': lfs.object() }, { isPrivate: true });
    const client = await as(owner);
    await client.clone(repo);
    await lfs.hub.services().repos.move(owner.actor, repo, { ...repo, name: lfs.name('moved') });
    expect(await client.lfs('lock', 'a.bin')).toBe('Locked a.bin');
    expect(locksOf(await client.lfs('locks', '--json'))).toEqual([['a.bin', owner.name]]);
    const reader = await lfs.readToken(owner);
    await client.in('remote', 'set-url', 'origin', lfs.remote(repo, reader));
    expect(locksOf(await client.lfs('locks', '--json'))).toEqual([['a.bin', owner.name]]);
    const refused = await client.tryLfs('lock', 'b.bin');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('may only read')]);
  });
});
