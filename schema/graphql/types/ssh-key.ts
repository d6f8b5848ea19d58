import type { SshKeyInfo } from '../../../src/domain/auth/ssh-key.service.ts';
import * as errors from '../../../src/domain/errors.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOfAll } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { failsWith } from '../errors.ts';
import { parseIdOf, parseNodeId, pickById } from '../node-id.ts';
import { ViewerObject } from './viewer.ts';

const SshKeyNode = builder.node(builder.objectRef<SshKeyInfo>('SshKey'), {
  description: "One of the caller's SSH keys.",
  id: { resolve: ({ id }) => id, parse: parseNodeId },
  loadMany: async (ids, { services, actor }) => pickById(ids, await services.sshKeys.list(actor)),
  fields: (t) => ({
    title: t.exposeString('title'),
    keyType: t.exposeString('keyType', { description: 'Such as `ssh-ed25519`' }),
    fingerprint: t.exposeString('fingerprint', { description: '`SHA256:…`, as ssh-keygen shows it' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const SshKeyConnection = builder.connectionObject({ type: SshKeyNode, name: 'SshKeyConnection' });

builder.objectField(ViewerObject, 'sshKeys', (t) =>
  t.field({
    type: SshKeyConnection,
    description: 'Newest first',
    args: pageArgs,
    complexity: connectionComplexity,
    resolve: async (_viewer, args, { services, actor }) =>
      connectionOfAll(args, await services.sshKeys.list(actor)),
  }),
);

const AddSshKeyInput = builder.inputType('AddSshKeyInput', {
  fields: (t) => ({
    title: t.string({ required: true, description: '1 to 200 characters' }),
    key: t.string({ required: true, description: 'One line of a `.pub` file' }),
  }),
});

const DeleteSshKeyInput = builder.inputType('DeleteSshKeyInput', {
  fields: (t) => ({ id: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  addSshKey: t.field({
    type: SshKeyNode,
    ...failsWith(errors.Conflict),
    args: { input: t.arg({ type: AddSshKeyInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) => services.sshKeys.add(actor, input),
  }),
  deleteSshKey: t.field({
    type: DeletedObject,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: DeleteSshKeyInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const id = parseIdOf('SshKey', input.id);
      await services.sshKeys.delete(actor, id);
      return deleted('SshKey', id);
    },
  }),
}));
