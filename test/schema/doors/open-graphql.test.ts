import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { describe, expect } from 'vitest';
import { buildApp } from '../../../src/server/app.ts';
import { it as base } from '../../support/it.ts';
import { openTestHub } from '../../support/test-hub.ts';

const PERSISTED = new URL('../../../schema/client/generated/persisted-documents.json', import.meta.url);

const it = base
  .extend('closedHub', { scope: 'file' }, async ({}, { onCleanup }) => {
    const opened = await openTestHub({ GRAPHQL_OPEN: 'false' });
    onCleanup(() => opened.close());
    return opened.hub;
  })
  .extend('closed', { scope: 'file' }, async ({ closedHub }, { onCleanup }) => {
    const app = await buildApp(closedHub);
    onCleanup(() => app.close());
    return app;
  })
  .extend('ids', { scope: 'file' }, async () => {
    const texts = JSON.parse(await readFile(PERSISTED, 'utf8')) as Readonly<Record<string, string>>;
    return (name: string) => Object.keys(texts).find((id) => texts[id]!.includes(` ${name}(`))!;
  });

async function send(app: FastifyInstance, payload: object) {
  const answer = await app.inject({ method: 'POST', url: '/graphql', payload });
  return { status: answer.statusCode, ...answer.json<{ data?: object; errors?: { message: string }[] }>() };
}

const OVERVIEW = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };

describe('a hub that is not open', () => {
  it('takes the documents that it knows', async ({ closed, ids }) => {
    const { status, data } = await send(closed, {
      documentId: ids('HubOverview'),
      variables: { first: 5 },
      operationName: 'HubOverview',
    });
    expect(status).toBe(200);
    expect(data).toMatchObject({ viewer: null, repos: OVERVIEW });
  });

  it('takes them by GET too, whatever is read', async ({ closed, ids }) => {
    const get = async (parameters: Record<string, string>) => {
      const answer = await closed.inject({ url: `/graphql?${new URLSearchParams(parameters).toString()}` });
      return { status: answer.statusCode, ...answer.json<{ data?: object; errors?: object[] }>() };
    };
    const variables = JSON.stringify({ first: 5 });
    expect(await get({ documentId: ids('HubOverview'), variables })).toMatchObject({
      status: 200,
      data: { viewer: null, repos: OVERVIEW },
    });
    const input = JSON.stringify({ input: { name: 'made' } });
    const change = await get({ documentId: ids('CreateRepo'), variables: input });
    expect(change).toMatchObject({ status: 405, errors: [{ extensions: { code: 'BadRequest' } }] });
    for (const parameters of [{ documentId: 'sha256:unknown' }, { query: '{ site { name } }' }, {}]) {
      expect(await get(parameters as Record<string, string>)).toMatchObject({
        status: 400,
        errors: [{ extensions: { code: 'BadRequest' } }],
      });
    }
  });

  it('takes no other', async ({ closed, ids }) => {
    for (const payload of [
      { query: '{ viewer { isAdmin } }' },
      { query: '{ __schema { types { name } } }' },
      { query: '{ viewer { isAdmin } }', documentId: ids('HubOverview') },
    ]) {
      const { status, data, errors } = await send(closed, payload);
      expect({ status, data, errors }).toEqual({
        status: 400,
        data: undefined,
        errors: [
          {
            message: 'This hub takes only the documents that it knows. Send documentId instead of query.',
            extensions: { code: 'BadRequest' },
          },
        ],
      });
    }
  });

  it('has no editor', async ({ closed }) => {
    const answer = await closed.inject({ method: 'GET', url: '/graphql', headers: { accept: 'text/html' } });
    expect(answer.statusCode).toBe(406);
    expect(answer.body).toBe('');
  });
});

describe('an open hub', () => {
  it('takes known documents and others, and shows its schema', async ({ app, ids }) => {
    const known = await send(app, { documentId: ids('HubOverview'), variables: { first: 5 } });
    expect(known.data).toMatchObject({ viewer: null });
    expect((await send(app, { query: '{ viewer { isAdmin } }' })).data).toEqual({ viewer: null });
    const shown = await send(app, { query: getIntrospectionQuery({ inputValueDeprecation: true }) });
    const schema = buildClientSchema(shown.data as unknown as IntrospectionQuery);
    expect(Object.keys(schema.getQueryType()!.getFields())).toContain('viewer');
  });

  it('has an editor that needs no other server', async ({ app }) => {
    const answer = await app.inject({ method: 'GET', url: '/graphql', headers: { accept: 'text/html' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    const [head] = answer.body.split('<script', 1);
    expect(head).toContain('GraphQL of Kohaku Hub');
    expect(answer.body).not.toMatch(/<(?:script|link)[^>]+(?:src|href)="?https?:/);
  });
});
