import { isDeepStrictEqual } from 'node:util';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { DELIM_PKT, encodePkt, FLUSH_PKT } from '../../src/git/pkt-line.ts';
import type { TestUser } from '../support/world.ts';
import { type GitClient, type GitWorld, IDENTITY, it } from './git-hub.ts';

const VERSIONS = ['0', '1', '2'] as const;

/** Tags of tags, names that are not ASCII, and names that begin alike; and the same as a bare repository, `mirror`. */
async function fill(world: GitWorld, client: GitClient): Promise<{ repo: RepoRef; owner: TestUser }> {
  const owner = await world.user();
  const repo = await world.repo(owner);
  await client.git('clone', '-q', world.remote(repo, owner), 'c');
  await client.commitLocally('c', 2);
  const tag = (name: string, target: string) =>
    client.in('c', ...IDENTITY, 'tag', '-a', '-m', `object ${'0'.repeat(40)}\ntype tag`, name, target);
  await tag('v1', 'local');
  await tag('v1.1', 'v1');
  await tag('v1.1.1', 'v1.1');
  await client.in('c', 'tag', 'light', 'local~1');
  await client.in('c', 'tag', 'übung/日本', 'local');
  for (const name of ['main2', 'mai', 'tags/v1', 'übung', 'x-y', 'x/y', 'x.y'])
    await client.in('c', 'branch', name, 'local~1');
  await client.in('c', 'push', '-q', '--all', 'origin');
  await client.in('c', 'push', '-q', '--tags', 'origin');
  await client.git('clone', '-q', '--mirror', world.remote(repo), 'mirror');
  return { repo, owner };
}

it('refs are listed as git lists them, in each version of the protocol', async ({ world, client }) => {
  const { repo } = await fill(world, client);
  const asked = [
    [[], []],
    [['--symref'], []],
    [['--heads'], []],
    [['--tags'], []],
    [['--refs'], []],
    [['--symref'], ['HEAD', 'refs/heads/x*', 'main']],
    [[], ['v1', 'übung', 'refs/tags/v1.*']],
    [[], ['nothing']],
  ] as const;
  for (const version of VERSIONS) {
    for (const [options, patterns] of asked) {
      const list = (remote: string) =>
        client.git('-c', `protocol.version=${version}`, 'ls-remote', ...options, remote, ...patterns);
      const theirs = await list(`file://${client.path('mirror')}`);
      expect([version, options, patterns, await list(world.remote(repo))]).toEqual([
        version,
        options,
        patterns,
        theirs,
      ]);
    }
  }
  const all = await client.git('ls-remote', world.remote(repo));
  expect(all.split('\n').filter((line) => line.endsWith('^{}'))).toHaveLength(3);
});

describe('who may read files, and nobody else, is told refs', () => {
  it.for(['public', 'private', 'gated', 'disabled'] as const)(
    'of a %s repository',
    async (kind, { world }) => {
      const people = {
        owner: await world.user(),
        member: await world.user(),
        accepted: await world.user(),
        stranger: await world.user(),
      };
      const services = world.hub.services();
      const namespace = await world.org(people.owner, [{ user: people.member, role: 'member' }]);
      const repo = await world.repo(people.owner, { namespace });
      await services.repos.updateSettings(people.owner.actor, repo, { gated: 'auto' });
      await services.gates.ask(people.accepted.actor, repo, {});
      await services.repos.updateSettings(people.owner.actor, repo, {
        gated: kind === 'gated' ? 'auto' : null,
        visibility: kind === 'private' ? 'private' : 'public',
      });
      if (kind === 'disabled') {
        const admin = await world.admin();
        await services.adminRepos.setDisabled(admin.actor, repo, { isDisabled: true, reason: 'test' });
      }
      const readers = {
        public: ['owner', 'member', 'accepted', 'stranger', 'anonymous'],
        private: ['owner', 'member'],
        gated: ['owner', 'member', 'accepted'],
        disabled: [],
      }[kind];
      const told: string[] = [];
      for (const [name, actor] of [
        ...Object.entries(people).map(([name, user]) => [name, user.actor] as const),
        ['anonymous', { kind: 'anonymous' }] as const,
      ]) {
        const userId = actor.kind === 'user' ? actor.id : null;
        const found = await world.hub.deps.git.repos.load({ ref: repo, userId, wantsRefs: true });
        const isTold = (await services.gitReads.advertise(actor, repo, 0).catch(() => null)) !== null;
        expect([name, found!.refs !== null]).toEqual([name, isTold]);
        if (isTold) told.push(name);
        const other = await world.hub.deps.git.repos.load({ ref: repo, userId, wantsRefs: false });
        expect(other).toEqual({ ...found, refs: null });
      }
      expect(told).toEqual(readers);
    },
  );
});

function lines(...texts: readonly string[]): Buffer[] {
  return texts.map((text) => encodePkt(`${text}\n`));
}

describe('a hidden repository is like a missing one', () => {
  const bodies = {
    'a list of refs': [...lines('command=ls-refs'), DELIM_PKT, ...lines('peel', 'symrefs'), FLUSH_PKT],
    'a pack': [...lines('command=fetch'), DELIM_PKT, ...lines(`want ${'1'.repeat(40)}`, 'done'), FLUSH_PKT],
    nothing: [FLUSH_PKT],
    'what is not of the protocol': [Buffer.from('zzzz')],
    'a long list of prefixes': [
      ...lines('command=ls-refs'),
      DELIM_PKT,
      ...lines(...Array.from({ length: 900 }, (_, index) => `ref-prefix refs/heads/${index}`)),
      FLUSH_PKT,
    ],
  };

  it.for(Object.keys(bodies) as (keyof typeof bodies)[])('to who asks for %s', async (name, { world }) => {
    const owner = await world.user();
    const stranger = await world.user();
    const hidden = await world.repo(owner, { isPrivate: true });
    const missing = { ...hidden, name: world.name('missing') };
    for (const user of [null, stranger, owner]) {
      const answers = await Promise.all(
        [hidden, missing].map(async (repo) => {
          const response = await fetch(`${world.remote(repo)}/git-upload-pack`, {
            method: 'POST',
            headers: {
              ...user?.headers,
              'git-protocol': 'version=2',
              'content-type': 'application/x-git-upload-pack-request',
            },
            body: new Uint8Array(Buffer.concat(bodies[name])),
          });
          const headers = Object.fromEntries(response.headers);
          return {
            status: response.status,
            headers: { ...headers, date: '', 'x-request-id': '' },
            text: await response.text(),
          };
        }),
      );
      const isAlike = user !== owner || name === 'what is not of the protocol';
      expect([user?.name, isDeepStrictEqual(answers[0], answers[1])]).toEqual([user?.name, isAlike]);
    }
  });
});
