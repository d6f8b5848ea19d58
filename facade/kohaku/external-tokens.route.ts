import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireDate } from '../wire/dates.ts';
import { done, secretText, shortText, wireDateSchema } from './schemas.ts';

const URL = '/api/users/:username/external-tokens';
const Params = z.object({ username: z.string() });
const NewToken = z.object({ url: shortText, token: secretText });

const Token = z.object({
  url: z.string(),
  token_preview: z.string(),
  created_at: wireDateSchema,
  updated_at: wireDateSchema,
});

/** GET, POST, PUT bulk and DELETE of a user's tokens for other hubs (specification: External Token API). */
export const externalTokensRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    URL,
    {
      schema: {
        summary: 'Your tokens for other hubs, masked',
        tags: ['accounts'],
        params: Params,
        response: { 200: z.array(Token) },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const tokens = await services.externalTokens.list(actor, request.params.username);
      return tokens.map(({ url, tokenPreview, createdAt, updatedAt }) => ({
        url,
        token_preview: tokenPreview,
        created_at: wireDate(createdAt),
        updated_at: wireDate(updatedAt),
      }));
    },
  );
  app.post(
    URL,
    {
      schema: {
        summary: 'Add a token for another hub, or replace it',
        tags: ['accounts'],
        params: Params,
        body: NewToken,
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.externalTokens.save(actor, request.params.username, request.body);
      return { success: true as const, message: 'External token saved' };
    },
  );
  app.put(
    `${URL}/bulk`,
    {
      schema: {
        summary: 'Replace all tokens for other hubs',
        tags: ['accounts'],
        params: Params,
        body: z.object({ tokens: z.array(NewToken).max(1000) }),
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { tokens } = request.body;
      const count = await services.externalTokens.replace(actor, request.params.username, tokens);
      return { success: true as const, message: `Updated ${count} external tokens` };
    },
  );
  app.delete(
    `${URL}/:url`,
    {
      schema: {
        summary: 'Delete a token for another hub',
        tags: ['accounts'],
        params: Params.extend({ url: z.string().describe('Address of the hub, percent-encoded') }),
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.externalTokens.delete(actor, request.params.username, request.params.url);
      return { success: true as const, message: 'External token deleted' };
    },
  );
};
