import { describe, expect } from 'vitest';
import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import { it as base } from '../../support/content.ts';
import { BranchSteps } from '../../support/branches.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { fullName } from './full-name.ts';

const it = base.extend('steps', ({ content }) => BranchSteps.make(content));

const RESULT = `{
  __typename
  ... on BranchWritePayload { isNew revision { commit { title body parents } } }
  ... on DomainError { code message details }
}`;
const REVERT = `mutation ($input: RevertCommitInput!) { revertCommit(input: $input) ${RESULT} }`;
const RESET = `mutation ($input: ResetBranchInput!) { resetBranch(input: $input) ${RESULT} }`;
const MERGE = `mutation ($input: MergeRevisionInput!) { mergeRevision(input: $input) ${RESULT} }`;
const SQUASH = `mutation ($input: SuperSquashBranchInput!) { superSquashBranch(input: $input) ${RESULT} }`;

function named(repo: RepoRef) {
  return { name: fullName(repo) };
}

describe('revertCommit', () => {
  it('takes a commit back, and says which later commits are in the way', async ({ app, steps }) => {
    const { owner, repo } = steps;
    const oid = await steps.commit('main', { a: 'one' });
    await steps.commit('main', { b: 'two' });
    const input = { repo: named(repo), revision: oid, message: 'Not yet\n\nToo early.' };
    expect(steady(await graphql(app, owner, REVERT, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "revertCommit": {
            "__typename": "BranchWritePayload",
            "isNew": true,
            "revision": {
              "commit": {
                "body": "Too early.",
                "parents": [
                  "<oid>",
                ],
                "title": "Not yet",
              },
            },
          },
        },
      }
    `);
    expect(await steps.files()).toEqual({ b: 'two' });
    expect(steady(await graphql(app, owner, REVERT, { input: { ...input, revision: 'missing' } })))
      .toMatchInlineSnapshot(`
        {
          "data": {
            "revertCommit": {
              "__typename": "RevisionNotFoundError",
              "code": "RevisionNotFound",
              "details": {},
              "message": "Invalid rev id: missing",
            },
          },
        }
      `);
    const older = await steps.commit('main', { b: 'three' });
    await steps.commit('main', { b: 'four' });
    const conflict = await graphql(app, owner, REVERT, { input: { ...input, revision: older } });
    expect(conflict.data.revertCommit).toMatchObject({
      code: 'Conflict',
      details: { conflicts: ['b'] },
    });
  });
});

describe('resetBranch', () => {
  it('brings files back, the default branch only when it is meant', async ({ app, steps }) => {
    const { owner, repo } = steps;
    const oid = await steps.commit('main', { a: 'one' });
    await steps.commit('main', { a: 'two' });
    const input = { repo: named(repo), branch: 'main', revision: oid, message: 'Back' };
    expect(steady(await graphql(app, owner, RESET, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "resetBranch": {
            "__typename": "BadRequestError",
            "code": "BadRequest",
            "details": {},
            "message": "Resetting the default branch has to be forced.",
          },
        },
      }
    `);
    const forced = { ...input, isForced: true };
    expect(steady(await graphql(app, owner, RESET, { input: forced }))).toMatchInlineSnapshot(`
      {
        "data": {
          "resetBranch": {
            "__typename": "BranchWritePayload",
            "isNew": true,
            "revision": {
              "commit": {
                "body": "",
                "parents": [
                  "<oid>",
                ],
                "title": "Back",
              },
            },
          },
        },
      }
    `);
    expect(await steps.files()).toEqual({ a: 'one' });
    expect((await graphql(app, owner, RESET, { input: forced })).data.resetBranch.isNew).toBe(false);
  });

  it('refuses when the branch has moved', async ({ app, steps }) => {
    const { owner, repo } = steps;
    const oid = await steps.commit('main', { a: 'one' });
    await steps.commit('main', { a: 'two' });
    const input = { repo: named(repo), branch: 'main', revision: oid, isForced: true, expectedHead: oid };
    expect((await graphql(app, owner, RESET, { input })).data.resetBranch.code).toBe('StaleParent');
    const odd = { ...input, expectedHead: 'x' };
    expect((await graphql(app, owner, RESET, { input: odd })).data.resetBranch.code).toBe('BadRequest');
  });
});

describe('mergeRevision', () => {
  it('brings a branch into another, by whose version when both changed a file', async ({ app, steps }) => {
    const { owner, repo } = steps;
    await steps.commit('main', { a: 'one' });
    await steps.branch('dev');
    await steps.commit('dev', { b: 'two' });
    const input = { repo: named(repo), source: 'dev', destination: 'main' };
    expect(steady(await graphql(app, owner, MERGE, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "mergeRevision": {
            "__typename": "BranchWritePayload",
            "isNew": true,
            "revision": {
              "commit": {
                "body": "",
                "parents": [
                  "<oid>",
                  "<oid>",
                ],
                "title": "Merge 'dev' into 'main'",
              },
            },
          },
        },
      }
    `);
    expect(await steps.files()).toEqual({ a: 'one', b: 'two' });
    await steps.commit('dev', { a: 'of dev' });
    await steps.commit('main', { a: 'of main' });
    expect(steady(await graphql(app, owner, MERGE, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "mergeRevision": {
            "__typename": "ConflictError",
            "code": "Conflict",
            "details": {
              "conflicts": [
                "a",
              ],
            },
            "message": "Both branches changed the same files: 'a'. Nothing was changed.",
          },
        },
      }
    `);
    const favored = { ...input, favor: 'THEIRS', isSquashed: true };
    expect((await graphql(app, owner, MERGE, { input: favored })).data.mergeRevision).toMatchObject({
      isNew: true,
    });
    expect(await steps.files()).toEqual({ a: 'of dev', b: 'two' });
  });
});

describe('superSquashBranch', () => {
  it('begins a new history', async ({ app, steps }) => {
    const { owner, repo } = steps;
    await steps.commit('main', { a: 'one' });
    const input = { repo: named(repo), branch: 'main', message: 'All at once' };
    expect(steady(await graphql(app, owner, SQUASH, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "superSquashBranch": {
            "__typename": "BranchWritePayload",
            "isNew": true,
            "revision": {
              "commit": {
                "body": "",
                "parents": [],
                "title": "All at once",
              },
            },
          },
        },
      }
    `);
    expect(await steps.titles()).toEqual(['All at once']);
  });
});
