import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { LOGIN_KINDS, type Logins } from '../../src/domain/admin/login.queries.ts';
import { TOKEN_ROLES } from '../../src/domain/auth/access-token.entity.ts';
import { wireDate } from '../wire/dates.ts';
import { tags, UserPath } from './admin-wire.ts';
import { done, wireDateSchema } from './schemas.ts';

const maybeDate = wireDateSchema.nullable();

const Answer = z.object({
  sessions: z.array(
    z.object({
      id: z.int(),
      user_agent: z.string().nullable(),
      created_at: wireDateSchema,
      expires_at: wireDateSchema,
    }),
  ),
  tokens: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      role: z.enum(TOKEN_ROLES),
      created_at: wireDateSchema,
      last_used: maybeDate,
      expires_at: maybeDate,
    }),
  ),
  ssh_keys: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      key_type: z.string(),
      fingerprint: z.string(),
      created_at: wireDateSchema,
      last_used: maybeDate,
    }),
  ),
});

/** /api/admin/users/{username}/logins, …/sessions, …/tokens, …/ssh-keys: how somebody is logged in, without secrets, and its end. */
export const adminLoginsRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/admin/users/:username/logins',
    {
      schema: {
        summary: 'Sessions, tokens and SSH keys of a user, at most 1000 of each',
        tags,
        params: UserPath,
        response: { 200: Answer },
      },
    },
    async ({ scope: { services, actor }, params }) =>
      present(await services.adminLogins.list(actor, params.username)),
  );
  for (const kind of LOGIN_KINDS) {
    app.delete(
      `/api/admin/users/:username/${kind}`,
      { schema: { summary: `End all ${kind} of a user`, tags, params: UserPath, response: { 200: done } } },
      async ({ scope: { services, actor }, params }) => {
        const count = await services.adminLogins.end(actor, params.username, { kind });
        return { success: true as const, message: `${count} ${kind} were ended.` };
      },
    );
    app.delete(
      `/api/admin/users/:username/${kind}/:id`,
      {
        schema: {
          summary: `End one of the ${kind} of a user`,
          tags,
          params: UserPath.extend({ id: z.coerce.number().int().positive() }),
          response: { 200: done },
        },
      },
      async ({ scope: { services, actor }, params: { username, id } }) => {
        await services.adminLogins.end(actor, username, { kind, id });
        return { success: true as const, message: 'It was ended.' };
      },
    );
  }
};

function present({ sessions, tokens, sshKeys }: Logins): z.output<typeof Answer> {
  return {
    sessions: sessions.map(({ id, userAgent, createdAt, expiresAt }) => ({
      id,
      user_agent: userAgent,
      created_at: wireDate(createdAt),
      expires_at: wireDate(expiresAt),
    })),
    tokens: tokens.map(({ id, name, role, createdAt, lastUsedAt, expiresAt }) => ({
      id,
      name,
      role,
      created_at: wireDate(createdAt),
      last_used: lastUsedAt && wireDate(lastUsedAt),
      expires_at: expiresAt && wireDate(expiresAt),
    })),
    ssh_keys: sshKeys.map(({ id, title, keyType, fingerprint, createdAt, lastUsedAt }) => ({
      id,
      title,
      key_type: keyType,
      fingerprint,
      created_at: wireDate(createdAt),
      last_used: lastUsedAt && wireDate(lastUsedAt),
    })),
  };
}
