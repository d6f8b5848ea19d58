import type { LightMyRequestResponse } from 'fastify';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { MAX_REPO_LOCKS } from '../../src/domain/lfs/lfs-lock.service.ts';
import { it, type LfsWorld, lfsUrl } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';

interface Lock {
  readonly id: string;
  readonly path: string;
  readonly locked_at: string;
  readonly owner: { readonly name: string };
}

interface Page {
  readonly locks: readonly Lock[];
  readonly next_cursor?: string;
}

interface Verified {
  readonly ours: readonly Lock[];
  readonly theirs: readonly Lock[];
  readonly next_cursor?: string;
}

/** The locking API of one repository, called by one person. */
class Locks {
  readonly #lfs: LfsWorld;
  readonly #user: TestUser | null;
  readonly #url: string;

  constructor(lfs: LfsWorld, user: TestUser | null, repo: RepoRef | string) {
    this.#lfs = lfs;
    this.#user = user;
    this.#url = `${typeof repo === 'string' ? repo : lfsUrl(repo)}/locks`;
  }

  create(path: string, more: object = {}): Promise<LightMyRequestResponse> {
    return this.#lfs.post(this.#user, this.#url, { path, ...more });
  }

  async lock(path: string): Promise<Lock> {
    const answer = await this.create(path);
    if (answer.statusCode !== 201) throw new Error(`lock: ${answer.statusCode} ${answer.body}`);
    return answer.json<{ lock: Lock }>().lock;
  }

  get(query = ''): Promise<LightMyRequestResponse> {
    const headers = { ...this.#user?.headers, accept: 'application/vnd.git-lfs+json' };
    return this.#lfs.app.inject({ method: 'GET', url: `${this.#url}${query}`, headers });
  }

  async page(query = ''): Promise<Page> {
    return (await this.get(query)).json<Page>();
  }

  verify(body: object = {}): Promise<LightMyRequestResponse> {
    return this.#lfs.post(this.#user, `${this.#url}/verify`, body);
  }

  unlock(id: string, body: object = {}): Promise<LightMyRequestResponse> {
    return this.#lfs.post(this.#user, `${this.#url}/${id}/unlock`, body);
  }
}

function codeOf({ statusCode, headers }: LightMyRequestResponse): string {
  return `${statusCode} ${headers['x-error-code'] as string}`;
}

/** A name of 246 bytes, in which no index finds anything to compress. */
function longName(from: number): string {
  const codes = Array.from({ length: 82 }, (_, index) => 0x4e00 + (((from + index) * 7919) % 20_000));
  return String.fromCodePoint(...codes);
}

/** A repository of an organisation with somebody of each role. */
async function team(lfs: LfsWorld, isPrivate = false) {
  const [owner, admin, member, visitor, stranger] = (await Promise.all(
    ['owner', 'admin', 'member', 'visitor', 'stranger'].map((name) => lfs.user(name)),
  )) as [TestUser, TestUser, TestUser, TestUser, TestUser];
  const namespace = await lfs.org(owner, [
    { user: admin, role: 'admin' },
    { user: member, role: 'member' },
    { user: visitor, role: 'visitor' },
  ]);
  const repo = await lfs.bareRepo(owner, { namespace, isPrivate });
  const as = (user: TestUser | null): Locks => new Locks(lfs, user, repo);
  return { owner, admin, member, visitor, stranger, repo, as };
}

describe('a lock', () => {
  it('is made, found, and ended by its owner', async ({ lfs }) => {
    const { member, visitor, as } = await team(lfs);
    const created = await as(member).create('art/a b.psd', { ref: { name: 'refs/heads/main' } });
    expect(created.statusCode).toBe(201);
    expect(created.headers['content-type']).toContain('application/vnd.git-lfs+json');
    const { lock } = created.json<{ lock: Lock }>();
    expect(lock).toEqual({
      id: expect.any(String),
      path: 'art/a b.psd',
      locked_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      owner: { name: member.name },
    });
    for (const query of ['', `?id=${lock.id}`, '?path=art%2Fa+b.psd', '?path=&id=&cursor=&limit=&refspec='])
      expect(await as(visitor).page(query)).toEqual({ locks: [lock] });
    for (const query of ['?id=999999', '?id=x', '?path=art'])
      expect(await as(visitor).page(query)).toEqual({ locks: [] });
    const ended = await as(member).unlock(lock.id);
    expect([ended.statusCode, ended.json()]).toEqual([200, { lock }]);
    expect(await as(visitor).page()).toEqual({ locks: [] });
    expect(codeOf(await as(member).unlock(lock.id))).toBe('404 NotFound');
  });

  it('keeps everybody else from making one, and its owner from a second', async ({ lfs }) => {
    const { admin, member, as } = await team(lfs);
    const lock = await as(member).lock('a.bin');
    for (const user of [admin, member]) {
      const refused = await as(user).create('a.bin');
      expect(codeOf(refused)).toBe('409 Conflict');
      expect(refused.headers['content-type']).toContain('application/vnd.git-lfs+json');
      expect(refused.json()).toEqual({
        lock,
        message: `This file is locked by ${member.name} since ${lock.locked_at}.`,
        request_id: expect.any(String),
      });
    }
  });

  it('is made by one of many who want it', async ({ lfs }) => {
    const { owner, admin, member, as } = await team(lfs);
    const wanting = [owner, admin, member, owner, admin, member, owner, admin];
    const answers = await Promise.all(wanting.map((user) => as(user).create('one.bin')));
    expect(answers.filter((answer) => answer.statusCode === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.statusCode === 409)).toHaveLength(7);
    expect((await as(null).page()).locks).toHaveLength(1);
  });

  it('is for one path of one repository, in the case in which it is written', async ({ lfs }) => {
    const { owner, repo, as } = await team(lfs);
    const other = await lfs.bareRepo(owner);
    for (const path of ['a.bin', 'A.bin', 'a.bin/b', 'ä.bin', 'a\u0308.bin']) await as(owner).lock(path);
    await new Locks(lfs, owner, other).lock('a.bin');
    expect((await as(null).page()).locks).toHaveLength(5);
    const [foreign] = (await new Locks(lfs, owner, other).page()).locks;
    expect(codeOf(await as(owner).unlock(foreign!.id, { force: true }))).toBe('404 NotFound');
    expect((await as(null).page(`?id=${foreign!.id}`)).locks).toEqual([]);
    expect(repo.namespace).not.toBe(other.namespace);
  });

  it('takes the longest path, and refuses what no file can be called', async ({ lfs }) => {
    const { owner, as } = await team(lfs);
    const longest = Array.from({ length: 8 }, (_, index) => longName(index * 100)).join('/');
    expect(Buffer.byteLength(longest)).toBeGreaterThan(1900);
    const lock = await as(owner).lock(longest);
    expect((await as(owner).create(longest)).statusCode).toBe(409);
    expect((await as(owner).page(`?path=${encodeURIComponent(longest)}`)).locks).toEqual([lock]);
    for (const path of ['', '/a', 'a/', '../a', 'a\0b', '.git/config', `${longest}/${longest}`, '\ud800']) {
      expect([path, codeOf(await as(owner).create(path))]).toEqual([path, '422 InvalidPath']);
    }
    expect(codeOf(await as(owner).get('?path=a%00b'))).toBe('422 InvalidPath');
  });

  it.for(['model', 'dataset', 'space'] as const)(
    'of a %s has the same address with and without .git',
    async (type, { lfs }) => {
      const owner = await lfs.user();
      const repo = await lfs.bareRepo(owner, { type });
      const dotted = lfsUrl(repo);
      for (const url of [dotted, dotted.replace('.git', '')]) {
        const locks = new Locks(lfs, owner, url);
        const lock = await locks.lock('a.bin');
        expect((await new Locks(lfs, owner, dotted).page()).locks).toEqual([lock]);
        expect((await locks.verify()).json()).toEqual({ ours: [lock], theirs: [] });
        expect((await locks.unlock(lock.id)).statusCode).toBe(200);
      }
    },
  );
});

describe('pages of locks', () => {
  it('hold what was asked for, each lock once, in the order in which they were made', async ({ lfs }) => {
    const { owner, as } = await team(lfs);
    const paths = Array.from({ length: 7 }, (_, index) => `${9 - index}.bin`);
    for (const path of paths) await as(owner).lock(path);
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: Page = await as(null).page(`?limit=3&cursor=${cursor}`);
      seen.push(...page.locks.map((lock) => lock.path));
      sizes.push(page.locks.length);
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(paths);
    expect(sizes).toEqual([3, 3, 1]);
    expect(await as(null).page('?limit=7')).not.toHaveProperty('next_cursor');
    expect((await as(null).page('?limit=1000000')).locks).toHaveLength(7);
    expect((await as(null).page('?limit=0')).locks).toHaveLength(7);
  });

  it('are told apart into ours and theirs for a push', async ({ lfs }) => {
    const { owner, member, as } = await team(lfs);
    for (const path of ['1.bin', '3.bin']) await as(owner).lock(path);
    for (const path of ['2.bin', '4.bin']) await as(member).lock(path);
    const pathsOf = ({ ours, theirs }: Verified) =>
      [ours, theirs].map((locks) => locks.map((lock) => lock.path).sort());
    const whole = (await as(member).verify({ ref: { name: 'refs/heads/main' } })).json<Verified>();
    expect(pathsOf(whole)).toEqual([
      ['2.bin', '4.bin'],
      ['1.bin', '3.bin'],
    ]);
    const first = (await as(member).verify({ limit: 3, cursor: '' })).json<Verified>();
    expect(pathsOf(first)).toEqual([['2.bin'], ['1.bin', '3.bin']]);
    const second = (await as(member).verify({ limit: 3, cursor: first.next_cursor })).json<Verified>();
    expect(second).toEqual({ ours: [whole.ours[1]], theirs: [] });
  });

  it('refuse a cursor, a limit and a body that nobody was given', async ({ lfs }) => {
    const { owner, as } = await team(lfs);
    for (const query of [
      '?cursor=x',
      '?cursor=-1',
      '?cursor=1e3',
      `?cursor=${'9'.repeat(30)}`,
      '?limit=-1',
      '?limit=x',
    ])
      expect([query, codeOf(await as(owner).get(query))]).toEqual([query, '400 BadRequest']);
    for (const body of [{ cursor: 'x' }, { limit: -1 }, { cursor: 1 }, { ref: 'main' }])
      expect(codeOf(await as(owner).verify(body))).toBe('400 BadRequest');
    expect(codeOf(await as(owner).create('a', { path: 1 }))).toBe('400 BadRequest');
    expect(codeOf(await as(owner).unlock('1', { force: 'yes' }))).toBe('400 BadRequest');
    for (const id of ['x', '0', '-1', '1'.repeat(40), '%00'])
      expect([id, codeOf(await as(owner).unlock(id))]).toEqual([id, '404 NotFound']);
  });

  it('end where a repository has as many locks as it may', async ({ lfs }) => {
    const { owner, repo, as } = await team(lfs);
    await lfs.hub.deps.sql.execute({
      text: `
        insert into lfs_lock (repo_id, path, path_sha256, owner_id)
        select $1, n::text, sha256(convert_to(n::text, 'UTF8')), (select id from account where name = $2)
        from generate_series(1, $3::int) n`,
      values: [repo.id, owner.name, MAX_REPO_LOCKS - 1],
    });
    await as(owner).lock('last.bin');
    const refused = await as(owner).create('one-more.bin');
    expect([codeOf(refused), refused.json<{ message: string }>().message]).toEqual([
      '400 BadRequest',
      expect.stringContaining('10000 locks'),
    ]);
    expect((await as(owner).create('last.bin')).statusCode, 'still says who has it').toBe(409);
    const { locks, next_cursor: next } = await as(owner).page();
    expect([locks.length, next]).toEqual([1000, locks.at(-1)!.id]);
  });
});

describe('the rights', () => {
  it('to see locks are those to read the files', async ({ lfs }) => {
    const open = await team(lfs);
    for (const user of [null, open.stranger, open.visitor])
      expect((await open.as(user).get()).statusCode).toBe(200);
    const hidden = await team(lfs, true);
    await hidden.as(hidden.owner).lock('secret.bin');
    const missing = { ...hidden.repo, name: 'not-there' };
    expect((await hidden.as(hidden.visitor).page()).locks).toHaveLength(1);
    for (const user of [null, hidden.stranger]) {
      const answers = await Promise.all(
        [hidden.repo, missing].map((repo) => new Locks(lfs, user, repo).get()),
      );
      expect(answers.map(codeOf)).toEqual(Array(2).fill(user ? '404 RepoNotFound' : '401 RepoNotFound'));
      const [a, b] = answers.map((answer) => answer.json<{ message: string }>().message);
      expect(a).toBe(b);
      expect(answers[0]!.headers['lfs-authenticate']).toBe(user ? undefined : 'Basic realm="Kohaku Hub"');
    }
  });

  it('to lock and to unlock are those to write', async ({ lfs }) => {
    const { owner, member, visitor, stranger, as } = await team(lfs);
    const lock = await as(member).lock('a.bin');
    const calls = (locks: Locks) => [
      locks.create('b.bin'),
      locks.unlock(lock.id, { force: true }),
      locks.verify(),
    ];
    for (const answer of await Promise.all(calls(as(null)))) {
      expect(codeOf(answer)).toBe('401 Unauthenticated');
      expect(answer.headers['lfs-authenticate']).toMatch(/^Basic/);
    }
    for (const user of [visitor, stranger, await lfs.readToken(owner), await lfs.readToken(member)])
      expect((await Promise.all(calls(as(user)))).map(codeOf)).toEqual(Array(3).fill('403 Forbidden'));
    expect((await as(owner).page()).locks).toEqual([lock]);
  });

  it('to verify are those to propose where the push is to a pull request', async ({ lfs }) => {
    const { member, stranger, as } = await team(lfs);
    const lock = await as(member).lock('a.bin');
    const ref = { ref: { name: 'refs/pr/1' } };
    expect((await as(stranger).verify(ref)).json()).toEqual({ ours: [], theirs: [lock] });
    expect(codeOf(await as(await lfs.readToken(stranger)).verify(ref))).toBe('403 Forbidden');
    expect(codeOf(await as(null).verify(ref))).toBe('401 Unauthenticated');
    const hidden = await team(lfs, true);
    expect(codeOf(await hidden.as(stranger).verify(ref))).toBe('404 RepoNotFound');
  });

  it('to end the lock of somebody else are an administrator’s, who says so', async ({ lfs }) => {
    const { owner, admin, member, repo, as } = await team(lfs);
    const colleague = await lfs.user();
    await lfs.hub.services().orgs.addMember(owner.actor, repo.namespace, colleague.name, 'member');
    const lock = await as(member).lock('a.bin');
    const refused = await as(colleague).unlock(lock.id, { force: true });
    expect([codeOf(refused), refused.json<{ message: string }>().message]).toEqual([
      '403 Forbidden',
      expect.stringContaining(`Only ${member.name} and administrators`),
    ]);
    for (const user of [admin, owner]) {
      const careful = await as(user).unlock(lock.id, { force: false });
      expect([codeOf(careful), careful.json<{ message: string }>().message]).toEqual([
        '403 Forbidden',
        expect.stringContaining('--force'),
      ]);
    }
    expect((await as(admin).unlock(lock.id, { force: true })).json()).toEqual({ lock });
    const again = await as(member).lock('a.bin');
    expect(again.id).not.toBe(lock.id);
    expect((await as(owner).unlock(again.id, { force: true })).statusCode).toBe(200);
  });
});

describe('when the repository changes', () => {
  it('a new name keeps the locks, and the old name leads to them', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.repo(owner);
    const lock = await new Locks(lfs, owner, repo).lock('a.bin');
    const moved = { ...repo, name: lfs.name('moved') };
    await lfs.hub.services().repos.move(owner.actor, repo, moved);
    expect((await new Locks(lfs, owner, moved).page()).locks).toEqual([lock]);
    const old = await new Locks(lfs, owner, repo).get('?limit=1');
    expect([old.statusCode, old.headers['location']]).toEqual([307, `${lfsUrl(moved)}/locks?limit=1`]);
  });

  it('its end is theirs, and that of their owner too', async ({ lfs }) => {
    const { owner, member, repo, as } = await team(lfs);
    await as(member).lock('a.bin');
    await as(owner).lock('b.bin');
    const count = async (): Promise<number> => {
      const text = 'select count(*) as count from lfs_lock where repo_id = $1';
      return (await lfs.hub.deps.sql.query<{ count: number }>({ text, values: [repo.id] }))[0]!.count;
    };
    await lfs.hub.deps.sql.execute({ text: 'delete from account where name = $1', values: [member.name] });
    expect(await count()).toBe(1);
    await lfs.hub.services().repos.delete(owner.actor, repo);
    expect(await count()).toBe(0);
  });
});
