import * as errors from '../../../src/domain/errors.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { failsWith } from '../errors.ts';
import { InvitationActionEnum } from '../invitation-action.ts';
import { parseIdOf } from '../node-id.ts';
import { AdminObject } from './admin.ts';
import { InvitationConnection } from './invitation.ts';

builder.objectField(AdminObject, 'invitations', (t) =>
  t.field({
    type: InvitationConnection,
    description: 'Of anybody, newest first',
    args: { ...pageArgs, action: t.arg({ type: InvitationActionEnum }) },
    complexity: connectionComplexity,
    resolve: (_admin, { action, ...args }, { services, actor }) =>
      connectionOf(args, (page) =>
        services.adminInvitations.list(actor, { action: action ?? null, ...page }),
      ),
  }),
);

const AdminCancelInvitationInput = builder.inputType('AdminCancelInvitationInput', {
  fields: (t) => ({ id: t.id({ required: true, description: 'Of the `Invitation`' }) }),
});

builder.mutationField('adminCancelInvitation', (t) =>
  t.field({
    type: DeletedObject,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: AdminCancelInvitationInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const id = parseIdOf('Invitation', input.id);
      await services.adminInvitations.cancel(actor, id);
      return deleted('Invitation', id);
    },
  }),
);
