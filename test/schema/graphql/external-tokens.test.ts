import { describe, expect } from 'vitest';
import { countStatements } from '../../support/count-statements.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const RESULT = `__typename
  ... on ExternalTokensPayload { tokens { url tokenPreview createdAt updatedAt } }
  ... on DomainError { code message }`;
const SAVE = `mutation ($input: SaveExternalTokenInput!) { saveExternalToken(input: $input) { ${RESULT} } }`;
const REPLACE = `mutation ($input: ReplaceExternalTokensInput!) { replaceExternalTokens(input: $input) { ${RESULT} } }`;
const DELETE = `mutation ($input: DeleteExternalTokenInput!) { deleteExternalToken(input: $input) { ${RESULT} } }`;
const SOURCES = 'fallbackSources { url name sourceType priority }';
const LIST = `{ viewer { externalTokens { url tokenPreview } } ${SOURCES} }`;

describe('external tokens', () => {
  it('that are too many are refused before any of them is written', async ({ hub, app, world }) => {
    const ann = await world.user();
    const replace = async (count: number) => {
      const tokens = Array.from({ length: count }, (_, n) => ({
        url: `https://h${n}.example.org`,
        token: 'x',
      }));
      return (await graphql(app, ann, REPLACE, { input: { tokens } })).data.replaceExternalTokens;
    };
    expect((await replace(50)).tokens).toHaveLength(50);
    const statements = await countStatements(hub, async () => {
      expect(await replace(51)).toMatchObject({
        code: 'BadRequest',
        message: 'You can keep tokens for 50 hubs at most.',
      });
    });
    // Who he is, twice; no transaction.
    expect(statements).toBe(2);
  });

  it('are saved, replaced, listed and deleted', async ({ app, world }) => {
    const ann = await world.user();
    const run = async (document: string, input: object) =>
      steady(await graphql(app, ann, document, { input }));
    const a = { url: 'https://a.example.org', token: 'hf_aaaa1' };
    const b = { url: 'https://b.example.org/', token: 'x' };
    expect(await run(SAVE, a)).toMatchInlineSnapshot(`
      {
        "data": {
          "saveExternalToken": {
            "__typename": "ExternalTokensPayload",
            "tokens": [
              {
                "createdAt": "<date>",
                "tokenPreview": "hf_a***",
                "updatedAt": "<date>",
                "url": "https://a.example.org",
              },
            ],
          },
        },
      }
    `);
    expect(await run(REPLACE, { tokens: [a, b] })).toMatchInlineSnapshot(`
      {
        "data": {
          "replaceExternalTokens": {
            "__typename": "ExternalTokensPayload",
            "tokens": [
              {
                "createdAt": "<date>",
                "tokenPreview": "hf_a***",
                "updatedAt": "<date>",
                "url": "https://a.example.org",
              },
              {
                "createdAt": "<date>",
                "tokenPreview": "***",
                "updatedAt": "<date>",
                "url": "https://b.example.org",
              },
            ],
          },
        },
      }
    `);
    expect(await run(DELETE, { url: a.url })).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteExternalToken": {
            "__typename": "ExternalTokensPayload",
            "tokens": [
              {
                "createdAt": "<date>",
                "tokenPreview": "***",
                "updatedAt": "<date>",
                "url": "https://b.example.org",
              },
            ],
          },
        },
      }
    `);
    expect(await run(DELETE, { url: a.url })).toMatchInlineSnapshot(`
      {
        "data": {
          "deleteExternalToken": {
            "__typename": "NotFoundError",
            "code": "NotFound",
            "message": "You have no token for that address.",
          },
        },
      }
    `);
    expect(await run(SAVE, { url: 'nowhere', token: 'x' })).toMatchInlineSnapshot(`
      {
        "data": {
          "saveExternalToken": {
            "__typename": "BadRequestError",
            "code": "BadRequest",
            "message": "url: must be the address of a hub, such as https://huggingface.co.",
          },
        },
      }
    `);
    expect(await graphql(app, ann, LIST)).toMatchInlineSnapshot(`
      {
        "data": {
          "fallbackSources": [],
          "viewer": {
            "externalTokens": [
              {
                "tokenPreview": "***",
                "url": "https://b.example.org",
              },
            ],
          },
        },
      }
    `);
    expect(await graphql(app, null, LIST)).toMatchInlineSnapshot(`
      {
        "data": {
          "fallbackSources": [],
          "viewer": null,
        },
      }
    `);
  });
});

it('fallbackSources names the other hubs to everybody, in the order of their priority', async ({
  hub,
  app,
}) => {
  await hub.deps.sql.execute({
    text: `
      insert into fallback_source (url, name, source_type, priority, is_enabled, encrypted_token) values
        ('https://b.example.org', 'B', 'kohakuhub', 20, true, 'secret'),
        ('https://a.example.org', 'A', 'huggingface', 10, true, null),
        ('https://off.example.org', 'Off', 'huggingface', 1, false, null)`,
  });
  expect(await graphql(app, null, `{ ${SOURCES} }`)).toMatchInlineSnapshot(`
    {
      "data": {
        "fallbackSources": [
          {
            "name": "A",
            "priority": 10,
            "sourceType": "HUGGINGFACE",
            "url": "https://a.example.org",
          },
          {
            "name": "B",
            "priority": 20,
            "sourceType": "KOHAKUHUB",
            "url": "https://b.example.org",
          },
        ],
      },
    }
  `);
  await hub.deps.sql.execute({ text: 'delete from fallback_source' });
});
