import { encodeGlobalID } from '@pothos/plugin-relay';
import { TOKEN_ROLES } from '../../../src/domain/auth/access-token.entity.ts';
import type { CreatedToken, TokenInfo } from '../../../src/domain/auth/token.service.ts';
import * as errors from '../../../src/domain/errors.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOfAll } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { enumOf } from '../enum.ts';
import { failsWith } from '../errors.ts';
import { parseIdOf, parseNodeId, pickById } from '../node-id.ts';
import { ViewerObject } from './viewer.ts';

export const TokenRoleEnum = enumOf('TokenRole', TOKEN_ROLES);

const AccessTokenNode = builder.node(builder.objectRef<TokenInfo>('AccessToken'), {
  description: "One of the caller's API tokens; nobody can read its secret out of the hub.",
  id: { resolve: ({ id }) => id, parse: parseNodeId },
  loadMany: async (ids, { services, actor }) => pickById(ids, await services.tokens.list(actor)),
  fields: (t) => ({
    name: t.exposeString('name'),
    role: t.expose('role', { type: TokenRoleEnum }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'Null means never' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const AccessTokenConnection = builder.connectionObject({
  type: AccessTokenNode,
  name: 'AccessTokenConnection',
});

builder.objectField(ViewerObject, 'tokens', (t) =>
  t.field({
    type: AccessTokenConnection,
    description: 'Newest first',
    args: pageArgs,
    complexity: connectionComplexity,
    resolve: async (_viewer, args, { services, actor }) =>
      connectionOfAll(args, await services.tokens.list(actor)),
  }),
);

const CreatedTokenObject = builder.objectRef<CreatedToken>('CreateTokenPayload').implement({
  fields: (t) => ({
    id: t.id({ description: 'Of the `AccessToken`', resolve: ({ id }) => encodeGlobalID('AccessToken', id) }),
    token: t.exposeString('token', { description: 'The secret. It is shown now and never again' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'Null means never' }),
  }),
});

const CreateTokenInput = builder.inputType('CreateTokenInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 100 characters' }),
    role: t.field({ type: TokenRoleEnum, required: true, defaultValue: 'write' }),
    expiresInDays: t.int({ description: "1 to 3650; the hub's default when it is left out" }),
  }),
});

const DeleteTokenInput = builder.inputType('DeleteTokenInput', {
  fields: (t) => ({ id: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  createToken: t.field({
    type: CreatedTokenObject,
    ...failsWith(),
    args: { input: t.arg({ type: CreateTokenInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) =>
      services.tokens.create(actor, { ...input, expiresInDays: input.expiresInDays ?? undefined }),
  }),
  deleteToken: t.field({
    type: DeletedObject,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: DeleteTokenInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const id = parseIdOf('AccessToken', input.id);
      await services.tokens.delete(actor, id);
      return deleted('AccessToken', id);
    },
  }),
}));
