import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { nextLink } from '../wire/link-header.ts';
import { queryBoolean } from '../wire/parse.ts';
import {
  adminPage,
  presentUser,
  presentUserDetails,
  reasonBody,
  search,
  tags,
  userDetailsSchema,
  UserPath,
  userSchema,
} from './admin-wire.ts';
import { done, secretText, shortText } from './schemas.ts';

const Query = z.object({
  search: search.describe('A part of the name, the full name or the e-mail address, in any case of letters'),
  active: queryBoolean.optional().describe('false: those who are suspended'),
  admin: queryBoolean.optional(),
  email_verified: queryBoolean.optional(),
  ...adminPage,
});

const response = { 200: userDetailsSchema };

/** /api/admin/users: accounts of people, for administrators of the site. */
export const adminUsersRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/admin/users',
    {
      schema: {
        summary: 'Users, newest first',
        tags,
        querystring: Query,
        response: { 200: z.object({ users: z.array(userSchema), total: z.int() }) },
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { search, active, admin, email_verified: isVerified, limit, cursor } = request.query;
      const filter = {
        isActive: active ?? null,
        isAdmin: admin ?? null,
        isEmailVerified: isVerified ?? null,
      };
      const page = await services.adminUsers.list(actor, { search, ...filter, limit, cursor });
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return { users: page.items.map(presentUser), total: page.total };
    },
  );
  app.post(
    '/api/admin/users',
    {
      schema: {
        summary: 'Make an account',
        tags,
        body: z.object({
          username: shortText,
          email: shortText.nullish().describe('Counts as verified'),
          password: secretText,
          is_admin: z.boolean().default(false),
        }),
        response,
      },
    },
    async ({ scope: { services, actor }, body }) => {
      const { username: name, email, password, is_admin: isAdmin } = body;
      const input = { name, email: email || null, password, isAdmin };
      return presentUserDetails(await services.adminUsers.create(actor, input));
    },
  );
  app.get(
    '/api/admin/users/:username',
    { schema: { summary: 'One user', tags, params: UserPath, response } },
    async ({ scope: { services, actor }, params }) =>
      presentUserDetails(await services.adminUsers.get(actor, params.username)),
  );
  app.delete(
    '/api/admin/users/:username',
    {
      schema: {
        summary: 'Delete an account that leaves nothing without an owner',
        tags,
        params: UserPath,
        querystring: z.object({
          end_redirects: queryBoolean.default(false).describe('Give up former names of moved repositories'),
        }),
        response: { 200: done },
      },
    },
    async ({ scope: { services, actor }, params, query }) => {
      await services.adminUsers.delete(actor, params.username, { endsRedirects: query.end_redirects });
      return { success: true as const, message: 'Account deleted' };
    },
  );
};

/** What administrators do to one account; each is written to the audit log. */
export const adminUserActsRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/admin/users/:username/suspend',
    { schema: { summary: 'Shut somebody out at once', tags, params: UserPath, body: reasonBody, response } },
    async ({ scope: { services, actor }, params, body }) =>
      presentUserDetails(await services.adminUsers.suspend(actor, params.username, body?.reason)),
  );
  app.post(
    '/api/admin/users/:username/reinstate',
    { schema: { summary: 'Let somebody in again', tags, params: UserPath, body: reasonBody, response } },
    async ({ scope: { services, actor }, params, body }) =>
      presentUserDetails(await services.adminUsers.reinstate(actor, params.username, body?.reason)),
  );
  app.post(
    '/api/admin/users/:username/verify-email',
    { schema: { summary: 'Take an e-mail address as verified', tags, params: UserPath, response } },
    async ({ scope: { services, actor }, params }) =>
      presentUserDetails(await services.adminUsers.verifyEmail(actor, params.username)),
  );
  app.put(
    '/api/admin/users/:username/administrator',
    { schema: { summary: 'Make somebody administrator of the site', tags, params: UserPath, response } },
    async ({ scope: { services, actor }, params }) =>
      presentUserDetails(await services.adminUsers.makeAdmin(actor, params.username)),
  );
  app.delete(
    '/api/admin/users/:username/administrator',
    { schema: { summary: 'Take that back', tags, params: UserPath, response } },
    async ({ scope: { services, actor }, params }) =>
      presentUserDetails(await services.adminUsers.unmakeAdmin(actor, params.username)),
  );
};
