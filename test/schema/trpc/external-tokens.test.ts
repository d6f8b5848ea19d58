import { describe, expect } from 'vitest';
import { steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

describe('externalTokens', () => {
  it('are saved, replaced, listed and deleted', async ({ hub, app, world }) => {
    const user = await world.user();
    const call = async (name: string, input: object) =>
      steady(await trpcMutation({ app, user, path: `externalTokens.${name}`, input }));
    const list = async () => steady(await trpcQuery({ app, user, path: 'externalTokens.list' }));
    const a = { url: 'https://a.example.org', token: 'hf_aaaa1' };
    const b = { url: 'https://b.example.org/', token: 'x' };
    expect(await call('save', a)).toEqual({ status: 200 });
    expect(await call('replace', { tokens: [a, b] })).toEqual({ status: 200, data: { count: 2 } });
    expect(await list()).toMatchInlineSnapshot(`
      {
        "data": [
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
        "status": 200,
      }
    `);
    expect(await call('delete', { url: b.url })).toEqual({ status: 200 });
    expect(await call('delete', { url: b.url })).toMatchInlineSnapshot(`
      {
        "error": {
          "domainCode": "NotFound",
          "message": "You have no token for that address.",
        },
        "status": 404,
      }
    `);
    expect(await call('save', { url: 'nowhere', token: 'x' })).toMatchInlineSnapshot(`
      {
        "error": {
          "domainCode": "BadRequest",
          "message": "url: must be the address of a hub, such as https://huggingface.co.",
        },
        "status": 400,
      }
    `);
    expect(await trpcQuery({ app, user: null, path: 'externalTokens.sources' })).toEqual({
      status: 200,
      data: [],
    });
    await hub.deps.sql.execute({
      text: `insert into fallback_source (url, name, source_type, priority, is_enabled) values
        ('https://a.example.org', 'A', 'huggingface', 1, true), ('https://b.example.org', 'B', 'kohakuhub', 2, false)`,
    });
    expect(await trpcQuery({ app, user: null, path: 'externalTokens.sources' })).toMatchInlineSnapshot(`
      {
        "data": [
          {
            "name": "A",
            "priority": 1,
            "sourceType": "huggingface",
            "url": "https://a.example.org",
          },
        ],
        "status": 200,
      }
    `);
  });
});
