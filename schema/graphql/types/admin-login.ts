import { LOGIN_KINDS, type LoginKind, type Logins } from '../../../src/domain/admin/login.queries.ts';
import * as errors from '../../../src/domain/errors.ts';
import { encodeGlobalID } from '@pothos/plugin-relay';
import { builder } from '../builder.ts';
import { enumOf } from '../enum.ts';
import { failsWith } from '../errors.ts';
import { parseIdOf } from '../node-id.ts';
import { AdminObject } from './admin.ts';
import { TokenRoleEnum } from './token.ts';

const LoginKindEnum = enumOf('LoginKind', LOGIN_KINDS);

/** What the ids of logins are ids of. */
const TYPE_OF = {
  sessions: 'AdminSession',
  tokens: 'AdminToken',
  'ssh-keys': 'AdminSshKey',
} as const satisfies Record<LoginKind, string>;

const SessionObject = builder.objectRef<Logins['sessions'][number]>(TYPE_OF.sessions).implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeGlobalID(TYPE_OF.sessions, id) }),
    userAgent: t.exposeString('userAgent', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});

const TokenObject = builder.objectRef<Logins['tokens'][number]>(TYPE_OF.tokens).implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeGlobalID(TYPE_OF.tokens, id) }),
    name: t.exposeString('name'),
    role: t.expose('role', { type: TokenRoleEnum }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true }),
  }),
});

const SshKeyObject = builder.objectRef<Logins['sshKeys'][number]>(TYPE_OF['ssh-keys']).implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeGlobalID(TYPE_OF['ssh-keys'], id) }),
    title: t.exposeString('title'),
    keyType: t.exposeString('keyType'),
    fingerprint: t.exposeString('fingerprint'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
  }),
});

const LoginsObject = builder.objectRef<Logins>('Logins').implement({
  description: 'How somebody is logged in, without secrets; newest first, at most 1,000 of each.',
  fields: (t) => ({
    sessions: t.expose('sessions', { type: [SessionObject] }),
    tokens: t.expose('tokens', { type: [TokenObject] }),
    sshKeys: t.expose('sshKeys', { type: [SshKeyObject] }),
  }),
});

builder.objectField(AdminObject, 'logins', (t) =>
  t.field({
    type: LoginsObject,
    nullable: true,
    args: { username: t.arg.string({ required: true }) },
    complexity: 100,
    resolve: (_admin, { username }, { services, actor }) => services.adminLogins.list(actor, username),
  }),
);

const EndedLoginsObject = builder
  .objectRef<{ readonly count: number }>('EndLoginsPayload')
  .implement({ fields: (t) => ({ count: t.exposeInt('count', { description: 'How many were ended' }) }) });

const AdminEndLoginsInput = builder.inputType('AdminEndLoginsInput', {
  fields: (t) => ({
    username: t.string({ required: true }),
    kind: t.field({ type: LoginKindEnum, required: true }),
    id: t.id({ description: 'Of one of them; all of the kind when it is left out' }),
  }),
});

builder.mutationField('adminEndLogins', (t) =>
  t.field({
    type: EndedLoginsObject,
    description: 'At once and on every node',
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: AdminEndLoginsInput, required: true }) },
    resolve: async (_root, { input: { username, kind, id } }, { services, actor }) => {
      const one = id == null ? {} : { id: parseIdOf(TYPE_OF[kind], id) };
      return { count: await services.adminLogins.end(actor, username, { kind, ...one }) };
    },
  }),
);
