import { expect } from 'vitest';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { fullName } from './full-name.ts';

it('checkRepoName foretells whether a repository can be created', async ({ app, world }) => {
  const owner = await world.user();
  const repo = await world.repo(owner);
  const hidden = await world.repo(owner, { isPrivate: true });
  const document = `query ($name: String!) {
    checkRepoName(name: $name) { isAvailable conflictWith message }
  }`;
  const check = async (name: string, user: typeof owner | null = owner) =>
    steady(await graphql(app, user, document, { name }));
  expect(await check(fullName(repo))).toMatchInlineSnapshot(`
    {
      "data": {
        "checkRepoName": {
          "conflictWith": "user1/repo2",
          "isAvailable": false,
          "message": "Repository name is taken by existing repository: repo2",
        },
      },
    }
  `);
  expect(await check(`${owner.name}/free`)).toMatchInlineSnapshot(`
    {
      "data": {
        "checkRepoName": {
          "conflictWith": null,
          "isAvailable": true,
          "message": "Repository name is available",
        },
      },
    }
  `);
  expect(await check(`${owner.name}/no spaces`)).toMatchInlineSnapshot(`
    {
      "data": {
        "checkRepoName": {
          "conflictWith": null,
          "isAvailable": false,
          "message": "The repository name may hold letters, digits, "-", "_" and ".", not start or end with "-" or ".", and not hold "--", ".." or end in ".git".",
        },
      },
    }
  `);
  // A private repository is not betrayed to others.
  const { data } = await graphql(app, await world.user(), document, { name: fullName(hidden) });
  expect(data.checkRepoName.isAvailable).toBe(true);
  expect((await graphql(app, owner, document, { name: 'half' })).errors?.[0]?.extensions?.['code']).toBe(
    'BadRequest',
  );
});

it('validateCard says what is wrong with a README', async ({ app }) => {
  const document = `query ($content: String!, $type: RepoType!) {
    validateCard(content: $content, type: $type) { isValid errors warnings }
  }`;
  const validate = (content: string, type = 'MODEL') => graphql(app, null, document, { content, type });
  expect(await validate('---\nlicense: mit\n---\n# Hello\n')).toMatchInlineSnapshot(`
    {
      "data": {
        "validateCard": {
          "errors": [],
          "isValid": true,
          "warnings": [],
        },
      },
    }
  `);
  expect(await validate('---\nlicense: [1]\npipeline_tag: {}\n---\n')).toMatchInlineSnapshot(`
    {
      "data": {
        "validateCard": {
          "errors": [
            ""license" must be a string or a list of strings",
            ""pipeline_tag" must be a string",
          ],
          "isValid": false,
          "warnings": [],
        },
      },
    }
  `);
  expect(await validate('---\npretty_name: 1\n---\n', 'DATASET')).toMatchInlineSnapshot(`
    {
      "data": {
        "validateCard": {
          "errors": [
            ""pretty_name" must be a string",
          ],
          "isValid": false,
          "warnings": [],
        },
      },
    }
  `);
});
