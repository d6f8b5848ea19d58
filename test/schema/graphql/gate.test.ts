import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import type { TestUser, World } from '../../support/world.ts';
import type { Hub } from '../../../src/server/hub.ts';

const FIELDS =
  'gated gate { isOpenToCaller request { status rejectionReason } questions { name kind options } }';
const GATE = `__typename ... on Repo { ${FIELDS} } ... on DomainError { code message }`;
const ASK = `mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { ${GATE} } }`;
const WITHDRAW = `mutation ($input: WithdrawAccessRequestInput!) { withdrawAccessRequest(input: $input) { ${GATE} } }`;
const REQUESTS = `
  __typename
  ... on Repo {
    pending: accessRequests { edges { node { user { name } status email answers } } }
    accepted: accessRequests(status: ACCEPTED) { edges { node { user { name } status email answers } } }
    rejected: accessRequests(status: REJECTED) { edges { node { user { name } rejectionReason } } }
  }
  ... on DomainError { code message }`;
const DECIDE = `mutation ($input: DecideAccessRequestInput!) { decideAccessRequest(input: $input) { ${REQUESTS} } }`;
const GRANT = `mutation ($input: GrantAccessInput!) { grantAccess(input: $input) { ${REQUESTS} } }`;

const CARD = `---
extra_gated_fields:
  Company: text
  I agree: checkbox
  Use:
    type: select
    options: [Research, Other]
---
`;

const ANSWERS = { Company: 'ACME', 'I agree': true, Use: 'Research' };

describe('a gate', () => {
  it('asks, waits and lets in', async ({ hub, app, world }) => {
    const [owner, guest] = [await world.user(), await world.user('guest')];
    const repo = await gatedRepo(hub, world, owner);
    const missing = await graphql(app, guest, ASK, { input: { repo, answers: { Company: 'ACME' } } });
    expect(steady(missing)).toMatchInlineSnapshot(`
      {
        "data": {
          "requestAccess": {
            "__typename": "BadRequestError",
            "code": "BadRequest",
            "message": ""I agree" must be ticked (true).",
          },
        },
      }
    `);
    expect(steady(await graphql(app, guest, ASK, { input: { repo, answers: ANSWERS } })))
      .toMatchInlineSnapshot(`
        {
          "data": {
            "requestAccess": {
              "__typename": "Repo",
              "gate": {
                "isOpenToCaller": false,
                "questions": [
                  {
                    "kind": "TEXT",
                    "name": "Company",
                    "options": null,
                  },
                  {
                    "kind": "CHECKBOX",
                    "name": "I agree",
                    "options": null,
                  },
                  {
                    "kind": "TEXT",
                    "name": "Use",
                    "options": [
                      "Research",
                      "Other",
                    ],
                  },
                ],
                "request": {
                  "rejectionReason": null,
                  "status": "PENDING",
                },
              },
              "gated": "MANUAL",
            },
          },
        }
      `);
    const rejected = await graphql(app, owner, DECIDE, {
      input: { repo, username: guest.name, status: 'REJECTED', rejectionReason: 'Not yet' },
    });
    expect(steady(rejected)).toMatchInlineSnapshot(`
      {
        "data": {
          "decideAccessRequest": {
            "__typename": "Repo",
            "accepted": {
              "edges": [],
            },
            "pending": {
              "edges": [],
            },
            "rejected": {
              "edges": [
                {
                  "node": {
                    "rejectionReason": "Not yet",
                    "user": {
                      "name": "guest1",
                    },
                  },
                },
              ],
            },
          },
        },
      }
    `);
    const query = `query ($name: String!) { repo(name: $name) { ${FIELDS} accessRequests { edges { cursor } } } }`;
    const seen = await graphql(app, guest, query, { name: repo.name });
    expect(steady(seen)).toMatchInlineSnapshot(`
      {
        "data": {
          "repo": {
            "accessRequests": null,
            "gate": {
              "isOpenToCaller": false,
              "questions": [
                {
                  "kind": "TEXT",
                  "name": "Company",
                  "options": null,
                },
                {
                  "kind": "CHECKBOX",
                  "name": "I agree",
                  "options": null,
                },
                {
                  "kind": "TEXT",
                  "name": "Use",
                  "options": [
                    "Research",
                    "Other",
                  ],
                },
              ],
              "request": {
                "rejectionReason": "Not yet",
                "status": "REJECTED",
              },
            },
            "gated": "MANUAL",
          },
        },
        "errors": [
          {
            "extensions": {
              "code": "Forbidden",
            },
            "locations": [
              {
                "column": 143,
                "line": 1,
              },
            ],
            "message": "You have no write access on user1/repo2.",
            "path": [
              "repo",
              "accessRequests",
            ],
          },
        ],
      }
    `);
    const accepted = await graphql(app, owner, DECIDE, {
      input: { repo, username: guest.name, status: 'ACCEPTED' },
    });
    expect(steady(accepted)).toMatchInlineSnapshot(`
      {
        "data": {
          "decideAccessRequest": {
            "__typename": "Repo",
            "accepted": {
              "edges": [
                {
                  "node": {
                    "answers": {
                      "Company": "ACME",
                      "I agree": true,
                      "Use": "Research",
                    },
                    "email": "guest1@example.test",
                    "status": "ACCEPTED",
                    "user": {
                      "name": "guest1",
                    },
                  },
                },
              ],
            },
            "pending": {
              "edges": [],
            },
            "rejected": {
              "edges": [],
            },
          },
        },
      }
    `);
    // Lists do not tell of a role that a gate gave, and still the gate is open.
    const listed = await graphql(
      app,
      guest,
      'query ($namespace: String!) { repos(filter: { namespace: $namespace }) { edges { node { gate { isOpenToCaller } } } } }',
      { namespace: owner.name },
    );
    expect(listed.data.repos.edges).toEqual([{ node: { gate: { isOpenToCaller: true } } }]);
  });

  it('lets in who never asked, and tells nobody his address', async ({ hub, app, world }) => {
    const [owner, guest] = [await world.user(), await world.user('guest')];
    const repo = await gatedRepo(hub, world, owner);
    const input = { repo, username: guest.name };
    expect(steady(await graphql(app, owner, GRANT, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "grantAccess": {
            "__typename": "Repo",
            "accepted": {
              "edges": [
                {
                  "node": {
                    "answers": null,
                    "email": null,
                    "status": "ACCEPTED",
                    "user": {
                      "name": "guest1",
                    },
                  },
                },
              ],
            },
            "pending": {
              "edges": [],
            },
            "rejected": {
              "edges": [],
            },
          },
        },
      }
    `);
    expect((await graphql(app, owner, GRANT, { input })).data.grantAccess).toMatchObject({
      code: 'BadRequest',
    });
  });

  it('gives requests back, and decides them by their ids', async ({ hub, app, world }) => {
    const [owner, guest] = [await world.user(), await world.user('guest')];
    const repo = await gatedRepo(hub, world, owner);
    await graphql(app, guest, ASK, { input: { repo, answers: ANSWERS } });
    expect(steady(await graphql(app, guest, WITHDRAW, { input: { repo } }))).toMatchInlineSnapshot(`
      {
        "data": {
          "withdrawAccessRequest": {
            "__typename": "Repo",
            "gate": {
              "isOpenToCaller": false,
              "questions": [
                {
                  "kind": "TEXT",
                  "name": "Company",
                  "options": null,
                },
                {
                  "kind": "CHECKBOX",
                  "name": "I agree",
                  "options": null,
                },
                {
                  "kind": "TEXT",
                  "name": "Use",
                  "options": [
                    "Research",
                    "Other",
                  ],
                },
              ],
              "request": null,
            },
            "gated": "MANUAL",
          },
        },
      }
    `);
    expect(
      (await graphql(app, guest, WITHDRAW, { input: { repo } })).data.withdrawAccessRequest,
    ).toMatchObject({ code: 'NotFound' });
    await graphql(app, guest, ASK, { input: { repo, answers: ANSWERS } });
    const ids = 'query ($name: String!) { repo(name: $name) { accessRequests { edges { node { id } } } } }';
    const { data } = await graphql(app, owner, ids, { name: repo.name });
    const { id } = data.repo.accessRequests.edges[0].node;
    const input = { repo, id, status: 'ACCEPTED' };
    const both = await graphql(app, owner, DECIDE, { input: { ...input, username: guest.name } });
    expect(both.data.decideAccessRequest).toMatchObject({ code: 'BadRequest' });
    const wrong = await graphql(app, owner, DECIDE, { input: { ...input, id: 'QXBwbGU6MQ==' } });
    expect(wrong.data.decideAccessRequest).toMatchObject({ code: 'BadRequest' });
    const decided = await graphql(app, owner, DECIDE, { input });
    expect(decided.data.decideAccessRequest.accepted.edges).toHaveLength(1);
  });

  it.for([[7], [['a']], [{ Company: 7 }]])(
    'takes no answers such as %j',
    async ([answers], { hub, app, world }) => {
      const [owner, guest] = [await world.user(), await world.user()];
      const repo = await gatedRepo(hub, world, owner);
      const { data } = await graphql(app, guest, ASK, { input: { repo, answers } });
      expect(data.requestAccess).toMatchObject({
        code: 'BadRequest',
        message: 'answers: must be an object of texts, true and false.',
      });
    },
  );
});

it('gates and requests of 20 repositories are read in at most 5 statements', async ({ hub, app, world }) => {
  const [owner, guest] = [await world.user(), await world.user()];
  for (let n = 0; n < 20; n++) {
    const repo = await gatedRepo(hub, world, owner);
    await graphql(app, guest, ASK, { input: { repo, answers: ANSWERS } });
  }
  const query = `{ repos(first: 20) { edges { node {
    gate { isOpenToCaller request { status } }
    accessRequests(first: 5) { edges { node { status user { name } } } }
  } } } }`;
  let result = await graphql(app, owner, query);
  const count = await countStatements(hub, async () => {
    result = await graphql(app, owner, query);
  });
  expect(result.errors).toBeUndefined();
  expect(result.data.repos.edges).toHaveLength(20);
  for (const { node } of result.data.repos.edges) {
    expect(node).toEqual({
      gate: { isOpenToCaller: true, request: null },
      accessRequests: { edges: [{ node: { status: 'PENDING', user: { name: guest.name } } }] },
    });
  }
  expect(count).toBeLessThanOrEqual(5);
});

it('requests of a repository are for those who may write to it', async ({ hub, app, world }) => {
  const owner = await world.user();
  const { name } = await gatedRepo(hub, world, owner);
  const open = await world.repo(owner);
  const query =
    'query ($name: String!) { repo(name: $name) { gate { isOpenToCaller } accessRequests { edges { cursor } } } }';
  const codeFor = async (user: TestUser | null) => {
    const { data, errors } = await graphql(app, user, query, { name });
    expect(data.repo.accessRequests).toBeNull();
    return errors?.[0]?.extensions?.['code'];
  };
  expect(await codeFor(null)).toBe('Unauthenticated');
  expect(await codeFor(await world.user())).toBe('Forbidden');
  expect(await codeFor(await world.readToken(owner))).toBe('Forbidden');
  const noGate = await graphql(app, owner, query, { name: `${open.namespace}/${open.name}` });
  expect(noGate).toEqual({ data: { repo: { gate: null, accessRequests: { edges: [] } } } });
});

async function gatedRepo(hub: Hub, world: World, owner: TestUser): Promise<{ name: string }> {
  const repo = await world.repo(owner);
  await hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
  await world.commit(owner, repo, { 'README.md': CARD });
  return { name: `${repo.namespace}/${repo.name}` };
}
