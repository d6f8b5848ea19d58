import { describe, expect } from 'vitest';
import { graphql, steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

const RESULT = `__typename
  ... on ExternalTokensPayload { tokens { url tokenPreview createdAt updatedAt } }
  ... on DomainError { code message }`;
const SAVE = `mutation ($input: SaveExternalTokenInput!) { saveExternalToken(input: $input) { ${RESULT} } }`;
const REPLACE = `mutation ($input: ReplaceExternalTokensInput!) { replaceExternalTokens(input: $input) { ${RESULT} } }`;
const DELETE = `mutation ($input: DeleteExternalTokenInput!) { deleteExternalToken(input: $input) { ${RESULT} } }`;
const LIST =
  '{ viewer { externalTokens { url tokenPreview } } fallbackSources { url name sourceType priority } }';

describe('external tokens', () => {
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
