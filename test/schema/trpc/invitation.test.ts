import { describe, expect } from 'vitest';
import { steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

describe('invitations into an organization', () => {
  it('are made, read by their link, accepted, listed and cancelled', async ({ app, world }) => {
    const [owner, guest] = [await world.user('owner'), await world.user('guest')];
    const organization = await world.org(owner);
    const create = { app, user: owner, path: 'invitations.createForOrganization' };
    const { data } = await trpcMutation({ ...create, input: { organization, role: 'visitor', maxUsage: 2 } });
    const { token, ...created } = data;
    expect(created).toEqual({
      link: `http://hub.test/invite/${token}`,
      expiresAt: expect.stringMatching(/Z$/) as string,
      maxUsage: 2,
    });
    const details = await trpcQuery({ app, user: null, path: 'invitations.details', input: { token } });
    expect(steady(details)).toMatchInlineSnapshot(`
      {
        "data": {
          "action": "join_org",
          "createdAt": "<date>",
          "email": null,
          "expiresAt": "<date>",
          "id": "<id>",
          "inviterName": "owner1",
          "isExpired": false,
          "lastUsedAt": null,
          "maxUsage": 2,
          "organization": "org2",
          "problem": null,
          "role": "visitor",
          "usageCount": 0,
        },
        "status": 200,
      }
    `);
    const accept = { app, user: guest, path: 'invitations.accept', input: { token } };
    expect((await trpcMutation(accept)).data).toEqual({ organization, role: 'visitor' });
    expect((await trpcMutation(accept)).error?.domainCode).toBe('Conflict');
    const list = { app, path: 'invitations.listForOrganization', input: { organization } };
    const listed = await trpcQuery({ ...list, user: owner });
    expect(listed.data).toEqual({
      items: [{ ...details.data, usageCount: 1, lastUsedAt: expect.stringMatching(/Z$/) as string }],
      nextCursor: null,
    });
    expect(JSON.stringify(listed)).not.toContain(token);
    expect((await trpcQuery({ ...list, user: guest })).error?.domainCode).toBe('Forbidden');
    const cancel = { app, path: 'invitations.cancel', input: { token } };
    expect((await trpcMutation({ ...cancel, user: guest })).error?.domainCode).toBe('Forbidden');
    expect(await trpcMutation({ ...cancel, user: owner })).toEqual({ status: 200 });
  });

  it('are listed in pages, and cancelled by id', async ({ app, world }) => {
    const user = await world.user();
    const organization = await world.org(user);
    const input = { organization };
    for (let n = 0; n < 3; n++)
      await trpcMutation({ app, user, path: 'invitations.createForOrganization', input });
    const page = async (cursor?: string) =>
      (
        await trpcQuery({
          app,
          user,
          path: 'invitations.listForOrganization',
          input: { ...input, limit: 2, cursor },
        })
      ).data;
    const first = await page();
    const second = await page(first.nextCursor);
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 1, null]);
    const { id } = second.items[0];
    const cancel = { app, user, path: 'invitations.cancelForOrganization', input: { organization, id } };
    expect(await trpcMutation(cancel)).toEqual({ status: 200 });
    expect((await trpcMutation(cancel)).error?.domainCode).toBe('NotFound');
  });
});

describe('invitations to register', () => {
  it('are for administrators', async ({ app, world }) => {
    const [admin, user] = [await world.admin(), await world.user()];
    const organization = await world.org(admin);
    const input = { member: { organization, role: 'member' }, maxUsage: null };
    const { data } = await trpcMutation({
      app,
      user: admin,
      path: 'invitations.createForRegistration',
      input,
    });
    const expiresAt = expect.stringMatching(/Z$/) as string;
    expect(data).toEqual({
      token: expect.stringMatching(/^[\w-]{43}$/) as string,
      link: `http://hub.test/register?invitation=${data.token}`,
      expiresAt,
      maxUsage: null,
    });
    const mailed = { email: 'somebody@example.test' };
    const byMail = await trpcMutation({
      app,
      user: admin,
      path: 'invitations.createForRegistration',
      input: mailed,
    });
    expect(byMail.data).toEqual({ token: null, link: null, expiresAt, maxUsage: 1 });
    const refused = await trpcMutation({ app, user, path: 'invitations.createForRegistration', input: {} });
    expect(refused.error?.domainCode).toBe('Forbidden');
  });
});
