import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const INFO = `
  id action role email inviterName maxUsage usageCount lastUsedAt isExpired problem organization { name }`;
const CREATE = `mutation ($input: CreateOrganizationInvitationInput!) {
  createOrganizationInvitation(input: $input) {
    __typename
    ... on CreateInvitationPayload { token link expiresAt maxUsage }
    ... on DomainError { code message }
  }
}`;
const CREATE_TO_REGISTER = `mutation ($input: CreateRegistrationInvitationInput!) {
  createRegistrationInvitation(input: $input) {
    __typename
    ... on CreateInvitationPayload { token link maxUsage }
    ... on DomainError { code message }
  }
}`;
const ACCEPT = `mutation ($input: InvitationLinkInput!) {
  acceptInvitation(input: $input) {
    __typename
    ... on AcceptInvitationPayload { role organization { name } }
    ... on DomainError { code message }
  }
}`;
const CANCEL = `mutation ($input: InvitationLinkInput!) {
  cancelInvitation(input: $input) { __typename ... on Deleted { id } ... on DomainError { code } }
}`;
const CANCEL_LISTED = `mutation ($input: CancelOrganizationInvitationInput!) {
  cancelOrganizationInvitation(input: $input) { __typename ... on Deleted { id } ... on DomainError { code } }
}`;
const LIST = `query ($organization: String!, $first: Int, $after: String) {
  viewer {
    isAdmin
    organizationInvitations(organization: $organization, first: $first, after: $after) {
      edges { node { ${INFO} } } pageInfo { hasNextPage endCursor }
    }
  }
}`;
/** What a link holds. */
const SECRET = /^[\w-]{43}$/;
const DETAILS = `query ($token: String!) { invitation(token: $token) { ${INFO} } }`;
const NODE = `query ($id: ID!) { node(id: $id) { ... on Invitation { inviterName } } }`;

describe('an invitation into an organization', () => {
  it('is made, read by its link and by admins, and accepted', async ({ app, world }) => {
    const [owner, guest] = [await world.user('owner'), await world.user('guest')];
    const organization = await world.org(owner);
    const input = { organization, role: 'ADMIN', terms: { maxUsage: 2 } };
    const created = await graphql(app, owner, CREATE, { input });
    const { token, link } = created.data.createOrganizationInvitation;
    expect(link).toBe(`http://hub.test/invite/${token}`);
    expect(created).toEqual({
      data: {
        createOrganizationInvitation: {
          __typename: 'CreateInvitationPayload',
          token: expect.stringMatching(SECRET),
          link,
          expiresAt: expect.any(String),
          maxUsage: 2,
        },
      },
    });
    const details = await graphql(app, null, DETAILS, { token });
    expect(steady(details)).toMatchInlineSnapshot(`
      {
        "data": {
          "invitation": {
            "action": "JOIN_ORG",
            "email": null,
            "id": "<Invitation>",
            "inviterName": "owner1",
            "isExpired": false,
            "lastUsedAt": null,
            "maxUsage": 2,
            "organization": {
              "name": "org2",
            },
            "problem": null,
            "role": "ADMIN",
            "usageCount": 0,
          },
        },
      }
    `);
    const { id } = details.data.invitation;
    expect((await graphql(app, guest, NODE, { id })).data.node).toBeNull();
    expect((await graphql(app, owner, NODE, { id })).data.node).toEqual({ inviterName: owner.name });
    const accepted = await graphql(app, guest, ACCEPT, { input: { token } });
    expect(steady(accepted)).toMatchInlineSnapshot(`
      {
        "data": {
          "acceptInvitation": {
            "__typename": "AcceptInvitationPayload",
            "organization": {
              "name": "org1",
            },
            "role": "ADMIN",
          },
        },
      }
    `);
    expect((await graphql(app, guest, ACCEPT, { input: { token } })).data.acceptInvitation).toMatchObject({
      code: 'Conflict',
    });
    // He is an admin now, and may see it.
    expect((await graphql(app, guest, NODE, { id })).data.node).toEqual({ inviterName: owner.name });
    const listed = await graphql(app, owner, LIST, { organization });
    expect(listed.data.viewer.organizationInvitations.edges[0].node.id).toBe(id);
    expect(steady(listed)).toMatchInlineSnapshot(`
      {
        "data": {
          "viewer": {
            "isAdmin": false,
            "organizationInvitations": {
              "edges": [
                {
                  "node": {
                    "action": "JOIN_ORG",
                    "email": null,
                    "id": "<Invitation>",
                    "inviterName": "owner1",
                    "isExpired": false,
                    "lastUsedAt": "<date>",
                    "maxUsage": 2,
                    "organization": {
                      "name": "org2",
                    },
                    "problem": null,
                    "role": "ADMIN",
                    "usageCount": 1,
                  },
                },
              ],
              "pageInfo": {
                "endCursor": "<cursor>",
                "hasNextPage": false,
              },
            },
          },
        },
      }
    `);
    expect(JSON.stringify(listed)).not.toContain(token);
  });

  it('is cancelled by its link or by its id', async ({ app, world }) => {
    const [owner, stranger] = [await world.user(), await world.user()];
    const organization = await world.org(owner);
    const create = async () =>
      (await graphql(app, owner, CREATE, { input: { organization } })).data.createOrganizationInvitation
        .token;
    const [first, second] = [await create(), await create()];
    const idOf = async (token: string) => (await graphql(app, null, DETAILS, { token })).data.invitation.id;
    const [firstId, secondId] = [await idOf(first), await idOf(second)];
    const cancel = (user: typeof owner) => graphql(app, user, CANCEL, { input: { token: first } });
    expect((await cancel(stranger)).data.cancelInvitation).toMatchObject({ code: 'Forbidden' });
    expect(await cancel(owner)).toEqual({
      data: { cancelInvitation: { __typename: 'Deleted', id: firstId } },
    });
    const input = { organization, id: secondId };
    expect(await graphql(app, owner, CANCEL_LISTED, { input })).toEqual({
      data: { cancelOrganizationInvitation: { __typename: 'Deleted', id: secondId } },
    });
    const gone = await graphql(app, null, DETAILS, { token: second });
    expect(gone).toMatchObject({
      data: { invitation: null },
      errors: [{ extensions: { code: 'NotFound' } }],
    });
  });

  it('is listed in pages for admins only', async ({ app, hub, world }) => {
    const [owner, member] = [await world.user(), await world.user()];
    const organization = await world.org(owner, [{ user: member, role: 'member' }]);
    for (let n = 0; n < 5; n++) await graphql(app, owner, CREATE, { input: { organization } });
    const ids: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { data } = await graphql(app, owner, LIST, { organization, first: 2, after });
      const { edges, pageInfo } = data.viewer.organizationInvitations;
      ids.push(...edges.map(({ node }: { node: { id: string } }) => node.id));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(new Set(ids).size).toBe(5);
    const count = (first: number) =>
      countStatements(hub, () => graphql(app, owner, LIST, { organization, first }));
    await count(1);
    expect(await count(5)).toBe(await count(1));
    expect(await graphql(app, member, LIST, { organization })).toMatchObject({
      data: { viewer: { isAdmin: false, organizationInvitations: null } },
      errors: [{ extensions: { code: 'Forbidden' } }],
    });
    const wrong = await graphql(app, owner, LIST, { organization, after: btoa('["x",0]') });
    expect(wrong.errors).toMatchObject([{ extensions: { code: 'BadRequest' } }]);
  });
});

describe('an invitation to register', () => {
  it('is for administrators', async ({ app, world }) => {
    const [admin, user] = [await world.admin(), await world.user()];
    const organization = await world.org(admin);
    const input = { member: { organization, role: 'VISITOR' }, terms: { maxUsage: null } };
    const created = await graphql(app, admin, CREATE_TO_REGISTER, { input });
    const { token } = created.data.createRegistrationInvitation;
    expect(created).toEqual({
      data: {
        createRegistrationInvitation: {
          __typename: 'CreateInvitationPayload',
          token: expect.stringMatching(SECRET),
          link: `http://hub.test/register?invitation=${token}`,
          maxUsage: null,
        },
      },
    });
    const refused = await graphql(app, user, CREATE_TO_REGISTER, { input });
    expect(refused.data.createRegistrationInvitation).toMatchObject({ code: 'Forbidden' });
  });

  it('for one address has its link only in the mail', async ({ app, world }) => {
    const input = { terms: { email: 'new@example.test' } };
    const { data } = await graphql(app, await world.admin(), CREATE_TO_REGISTER, { input });
    expect(data.createRegistrationInvitation).toMatchObject({ token: null, link: null, maxUsage: 1 });
  });
});
