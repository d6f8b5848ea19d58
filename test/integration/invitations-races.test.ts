import { describe, expect } from 'vitest';
import type { OrgRole } from '../../src/domain/org/membership.entity.ts';
import type { SqlTransaction } from '../../src/db/sql.ts';
import { type ContentWorld, it } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';

interface Invited {
  readonly owner: TestUser;
  readonly admin: TestUser;
  readonly org: string;
  readonly token: string;
}

async function invited(
  content: ContentWorld,
  maxUsage: number | null,
  role: OrgRole = 'member',
): Promise<Invited> {
  const [owner, admin] = [await content.user(), await content.user()];
  const org = await content.org(owner, [{ user: admin, role: 'admin' }]);
  const { token } = await content.hub
    .services()
    .invitations.createForOrg(admin.actor, org, { role, email: null, maxUsage, expiresInDays: 1 });
  return { owner, admin, org, token: token! };
}

async function accept(content: ContentWorld, user: TestUser, token: string): Promise<number> {
  const answer = await content.request(user, { method: 'POST', url: `/api/invitations/${token}/accept` });
  return answer.statusCode;
}

function users(content: ContentWorld, count: number): Promise<TestUser[]> {
  return Promise.all(Array.from({ length: count }, () => content.user()));
}

async function membersOf(content: ContentWorld, org: string): Promise<number> {
  return (await content.hub.services().orgInfo.profile(org)).memberCount;
}

async function usesOf(content: ContentWorld, token: string): Promise<number> {
  return (await content.hub.services().invitations.details(token)).usageCount;
}

describe('at the same time', () => {
  it.for([1, 5])('of twelve who accept an invitation for %i, so many join', async (uses, { content }) => {
    const guests = await users(content, 12);
    const { org, token } = await invited(content, uses);
    const statuses = await Promise.all(guests.map((guest) => accept(content, guest, token)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(uses);
    expect(statuses.filter((status) => status === 409)).toHaveLength(12 - uses);
    expect(await membersOf(content, org)).toBe(2 + uses);
    expect(await usesOf(content, token)).toBe(uses);
  });

  it('one who accepts many times joins once and uses it once', async ({ content }) => {
    const guest = await content.user();
    const { org, token } = await invited(content, null);
    const statuses = await Promise.all(Array.from({ length: 6 }, () => accept(content, guest, token)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
    expect(await membersOf(content, org)).toBe(3);
    expect(await usesOf(content, token)).toBe(1);
  });

  it('one who is added and accepts is a member once', async ({ content }) => {
    for (let round = 0; round < 4; round++) {
      const guest = await content.user();
      const { owner, org, token } = await invited(content, null);
      const [added, accepted] = await Promise.all([
        content.postJson(owner, `/org/${org}/members`, { username: guest.name, role: 'visitor' }),
        accept(content, guest, token),
      ]);
      expect(new Set([added.statusCode, accepted])).toEqual(new Set([200, 409]));
      expect(await membersOf(content, org)).toBe(3);
      expect(await usesOf(content, token)).toBe(accepted === 200 ? 1 : 0);
    }
  });

  it('one who cancels and many who accept end with the uses that were answered', async ({ content }) => {
    for (let round = 0; round < 4; round++) {
      const guests = await users(content, 4);
      const { admin, org, token } = await invited(content, null);
      const [cancelled, ...statuses] = await Promise.all([
        content.remove(admin, `/api/invitations/${token}`),
        ...guests.map((guest) => accept(content, guest, token)),
      ]);
      expect(cancelled.statusCode).toBe(200);
      for (const status of statuses) expect([200, 404]).toContain(status);
      expect(await membersOf(content, org)).toBe(2 + statuses.filter((status) => status === 200).length);
      expect(await accept(content, guests[0]!, token)).toBe(404);
    }
  });

  it('two super-admins who demote each other do not leave the organization without one', async ({
    content,
  }) => {
    for (let round = 0; round < 4; round++) {
      const [ann, bob] = [await content.user(), await content.user()];
      const org = await content.org(ann, [{ user: bob, role: 'super-admin' }]);
      const demote = async (by: TestUser, who: TestUser) => {
        const answer = await content.request(by, {
          method: 'PUT',
          url: `/org/${org}/members/${who.name}`,
          payload: { role: 'visitor' },
        });
        return answer.statusCode === 200 ? [who] : [];
      };
      const demoted = await Promise.all([
        demote(ann, bob),
        demote(bob, ann),
        demote(ann, ann),
        demote(bob, bob),
      ]);
      // Who stays may say again what the other one did to himself.
      expect(new Set(demoted.flat()).size).toBe(1);
      const rows = await content.hub.deps.sql.query<{ role: string }>({
        text: 'select m.role from membership m join account a on a.id = m.org_id where a.name = $1 order by 1',
        values: [org],
      });
      expect(rows.map(({ role }) => role)).toEqual(['super-admin', 'visitor']);
    }
  });

  it('of many who add one user, one does', async ({ content }) => {
    const { owner, admin, org } = await invited(content, 1);
    const guest = await content.user();
    const answers = await Promise.all(
      [owner, admin, owner, admin].map((user) =>
        content.postJson(user, `/org/${org}/members`, { username: guest.name, role: 'visitor' }),
      ),
    );
    expect(answers.map((answer) => answer.statusCode).sort((a, b) => a - b)).toEqual([200, 409, 409, 409]);
  });
});

describe('whoever accepts waits', () => {
  it.for([
    [
      'the maker loses his role',
      `update membership set role = 'member' where user_id = $2 and org_id = $1`,
      409,
    ],
    ['the maker leaves', 'delete from membership where user_id = $2 and org_id = $1', 409],
    ['the invitation is cancelled', 'delete from invitation where created_by_id = $2 and org_id = $1', 404],
    ['the organization ends', 'delete from account where id = $1 and $2 > 0', 404],
  ] as const)('while %s, and is refused afterwards', async ([, statement, status], { content }) => {
    const { admin, org, token } = await invited(content, null);
    const guest = await content.user();
    const accepting = await whileLocked(content, org, async (tx, orgId) => {
      await tx.execute({
        text: statement,
        values: [orgId, admin.actor.kind === 'user' ? admin.actor.id : 0],
      });
      const waiting = accept(content, guest, token);
      await someoneWaits(content);
      return { waiting };
    });
    expect(await accepting.waiting).toBe(status);
    expect(await rowsOf(content, guest)).toBe(0);
  });
});

it('whoever accepts while his account is being deleted becomes no member', async ({ content }) => {
  const { org, token } = await invited(content, null);
  const guest = await content.user();
  const { accepting } = await content.hub.deps.sql.transaction(async (tx) => {
    await tx.execute({ text: 'delete from account where name = $1', values: [guest.name] });
    const accepting = accept(content, guest, token);
    await someoneWaits(content);
    return { accepting };
  });
  expect(await accepting).toBe(404);
  expect(await membersOf(content, org)).toBe(2);
  expect(await usesOf(content, token)).toBe(0);
});

/** Changes an organisation as every change of it does: under its lock. */
async function whileLocked<T>(
  content: ContentWorld,
  org: string,
  change: (tx: SqlTransaction, orgId: number) => Promise<T>,
): Promise<T> {
  return content.hub.deps.sql.transaction(async (tx) => {
    const [row] = await tx.query<{ id: number }>({
      text: 'select id from account where name = $1 for update',
      values: [org],
    });
    return change(tx, row!.id);
  });
}

/** Resolves when a statement in this database waits for a lock. */
async function someoneWaits(content: ContentWorld): Promise<void> {
  let waiting = 0;
  while (waiting === 0) {
    const [row] = await content.hub.deps.sql.query<{ count: number }>({
      text: `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    });
    waiting = row!.count;
  }
}

async function rowsOf(content: ContentWorld, user: TestUser): Promise<number> {
  const [row] = await content.hub.deps.sql.query<{ count: number }>({
    text: 'select count(*) from membership m join account a on a.id = m.user_id where a.name = $1',
    values: [user.name],
  });
  return row!.count;
}
