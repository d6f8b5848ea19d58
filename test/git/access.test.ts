import { describe, expect } from 'vitest';
import { it } from './git-hub.ts';

const VERSIONS = ['0', '2'] as const;

describe.for(VERSIONS)('protocol version %s', (version) => {
  const lsRemote = (url: string) => ['-c', `protocol.version=${version}`, 'ls-remote', url] as const;

  it('lets those in who may read', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner, { isPrivate: true });
    const reader = await world.readToken(owner);
    const head = await world.headOf(owner, repo);
    for (const user of [owner, reader])
      expect(await client.git(...lsRemote(world.remote(repo, user)))).toContain(head);
    const byPassword = new URL(world.remote(repo));
    Object.assign(byPassword, { username: owner.name, password: owner.password });
    expect(await client.git(...lsRemote(byPassword.href))).toContain(head);
    await client.git('clone', '-q', world.remote(repo, reader), 'c');
    expect(await client.check('c')).toEqual({ fsck: '', head });
  });

  it('tells a hidden repository from a missing one to nobody', async ({ world, client }) => {
    const owner = await world.user();
    const stranger = await world.user();
    const hidden = await world.repo(owner, { isPrivate: true });
    const missing = { ...hidden, name: `${hidden.name}x` };
    for (const user of [null, stranger]) {
      const ends = await Promise.all(
        [hidden, missing].map(async (repo) => {
          const { code, stderr } = await client.try(...lsRemote(world.remote(repo, user)));
          return { code, stderr: stderr.replaceAll(`${repo.name}/`, '…/') };
        }),
      );
      expect(ends[0]).toEqual(ends[1]);
      expect(ends[0]!.code).toBe(128);
      // Whoever did not log in is asked to; the question cannot be put here.
      expect(ends[0]!.stderr).toContain(user ? 'Repository not found' : 'could not read Username');
    }
  });

  it('refuses a wrong token, also for what everybody may read', async ({ world, client }) => {
    const owner = await world.user();
    const secret = await world.repo(owner, { isPrivate: true });
    const open = await world.repo(owner);
    const wrong = { token: 'hf_wrong' };
    const refused = await client.try(...lsRemote(world.remote(secret, wrong)));
    expect([refused.code, refused.stderr]).toEqual([128, expect.stringContaining('Authentication failed')]);
    // Git keeps credentials of an address to itself until it is asked for them.
    expect(await client.git(...lsRemote(world.remote(open, wrong)))).toContain('refs/heads/main');
    const header = `http.extraHeader=Authorization: Basic ${btoa('anybody:hf_wrong')}`;
    const sent = await client.try('-c', header, ...lsRemote(world.remote(open)));
    expect([sent.code, sent.stderr]).toEqual([128, expect.stringContaining('could not read Username')]);
  });

  it('says why a gated repository is closed', async ({ world, client }) => {
    const owner = await world.user();
    const stranger = await world.user();
    const repo = await world.repo(owner);
    await world.hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
    const refused = await client.try(...lsRemote(world.remote(repo, stranger)));
    expect(refused.stderr).toContain('is restricted and you are not in the authorized list');
    expect(refused.stderr).toContain('403');
    expect((await client.try(...lsRemote(world.remote(repo)))).stderr).toContain('could not read Username');
    expect(await client.git(...lsRemote(world.remote(repo, owner)))).toContain('refs/heads/main');
  });

  it('follows a repository to its new name', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const head = await world.commit(owner, repo, { 'a.txt': 'a' });
    const moved = { ...repo, name: world.name('moved') };
    await world.hub.services().repos.move(owner.actor, repo, moved);
    await client.git('-c', `protocol.version=${version}`, 'clone', '-q', `${world.remote(repo)}.git`, 'c');
    expect(await client.check('c')).toEqual({ fsck: '', head });
  });
});
