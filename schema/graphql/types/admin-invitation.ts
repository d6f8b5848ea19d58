import { encodeGlobalID } from '@pothos/plugin-relay';
import * as errors from '../../../src/domain/errors.ts';
import type { InvitationInfo } from '../../../src/domain/invitation/invitation-info.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { failsWith } from '../errors.ts';
import { InvitationActionEnum } from '../invitation-action.ts';
import { parseIdOf } from '../node-id.ts';
import { OrgRoleEnum } from '../org-role.ts';
import { AdminObject } from './admin.ts';

const TYPE = 'AdminInvitation';

const AdminInvitationObject = builder.objectRef<InvitationInfo>(TYPE).implement({
  description: 'An invitation of anybody. Nobody can read its link out of the hub.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeGlobalID(TYPE, id) }),
    action: t.expose('action', { type: InvitationActionEnum }),
    organization: t.string({
      nullable: true,
      description: 'The name of the one to join, if any',
      resolve: ({ org }) => org?.name ?? null,
    }),
    role: t.expose('role', { type: OrgRoleEnum, nullable: true }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'Only whoever has this address, verified, can use it',
    }),
    inviterName: t.exposeString('inviterName'),
    maxUsage: t.exposeInt('maxUsage', { nullable: true, description: 'Null is unlimited' }),
    usageCount: t.exposeInt('usageCount'),
    problem: t.exposeString('problem', {
      nullable: true,
      description: 'Why nobody can use it now; null when it works',
    }),
    isExpired: t.exposeBoolean('isExpired'),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});

const AdminInvitationConnection = builder.connectionObject({
  type: AdminInvitationObject,
  name: 'AdminInvitationConnection',
});

builder.objectField(AdminObject, 'invitations', (t) =>
  t.field({
    type: AdminInvitationConnection,
    description: 'Newest first',
    args: { ...pageArgs, action: t.arg({ type: InvitationActionEnum }) },
    complexity: connectionComplexity,
    resolve: (_admin, { action, ...args }, { services, actor }) =>
      connectionOf(args, (page) =>
        services.adminInvitations.list(actor, { action: action ?? null, ...page }),
      ),
  }),
);

const AdminCancelInvitationInput = builder.inputType('AdminCancelInvitationInput', {
  fields: (t) => ({ id: t.id({ required: true }) }),
});

builder.mutationField('adminCancelInvitation', (t) =>
  t.field({
    type: DeletedObject,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: AdminCancelInvitationInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const id = parseIdOf(TYPE, input.id);
      await services.adminInvitations.cancel(actor, id);
      return deleted(TYPE, id);
    },
  }),
);
