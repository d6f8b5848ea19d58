import type { NewSession, SessionInfo } from '../../../src/domain/auth/session.service.ts';
import * as errors from '../../../src/domain/errors.ts';
import { clearSessionCookie, setSessionCookie } from '../../session-cookie.ts';
import { ATTEMPT } from '../attempt.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOfAll } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { failsWith } from '../errors.ts';
import { parseIdOf, parseNodeId, pickById } from '../node-id.ts';
import { UserNode } from './account.ts';
import { ViewerObject } from './viewer.ts';

const SessionNode = builder.node(builder.objectRef<SessionInfo>('Session'), {
  description: 'One of the logins of the caller by browser.',
  id: { resolve: ({ id }) => id, parse: parseNodeId },
  loadMany: async (ids, { services, actor }) => pickById(ids, await services.sessions.list(actor)),
  fields: (t) => ({
    userAgent: t.exposeString('userAgent', { nullable: true }),
    isCurrent: t.exposeBoolean('isCurrent', { description: 'The one that this request was made with' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});

const SessionConnection = builder.connectionObject({ type: SessionNode, name: 'SessionConnection' });

builder.objectField(ViewerObject, 'sessions', (t) =>
  t.field({
    type: SessionConnection,
    description: 'Those that still work, newest first',
    args: pageArgs,
    complexity: connectionComplexity,
    resolve: async (_viewer, args, { services, actor }) =>
      connectionOfAll(args, await services.sessions.list(actor)),
  }),
);

const LoginPayload = builder.objectRef<NewSession>('LoginPayload').implement({
  description: 'The session itself is a cookie, which scripts cannot read.',
  fields: (t) => ({
    user: t.field({
      type: UserNode,
      resolve: ({ username }, _args, { services }) => services.profiles.profile(username),
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});

const EndOtherSessionsPayload = builder
  .objectRef<{ readonly endedCount: number }>('EndOtherSessionsPayload')
  .implement({ fields: (t) => ({ endedCount: t.exposeInt('endedCount') }) });

const LoginInput = builder.inputType('LoginInput', {
  fields: (t) => ({
    username: t.string({ required: true }),
    password: t.string({ required: true }),
  }),
});

const EndSessionInput = builder.inputType('EndSessionInput', {
  fields: (t) => ({ id: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  login: t.field({
    type: LoginPayload,
    description: 'Starts a session and sets its cookie. Wrong passwords are counted.',
    ...ATTEMPT,
    ...failsWith(errors.InvalidCredentials, errors.TooManyRequests, errors.Unavailable),
    args: { input: t.arg({ type: LoginInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const session = await context.services.sessions.login(input, context.client);
      setSessionCookie(context, session);
      return session;
    },
  }),
  logout: t.field({
    type: DeletedObject,
    description: 'Ends the session of the cookie.',
    ...failsWith(),
    resolve: async (_root, _args, context) => {
      const id = await context.services.sessions.logout(context.actor);
      clearSessionCookie(context);
      return deleted('Session', id);
    },
  }),
  endSession: t.field({
    type: DeletedObject,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: EndSessionInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const id = parseIdOf('Session', input.id);
      await services.sessions.end(actor, id);
      return deleted('Session', id);
    },
  }),
  endOtherSessions: t.field({
    type: EndOtherSessionsPayload,
    description: 'Ends all logins of the caller by browser but the one of this request.',
    ...failsWith(),
    resolve: async (_root, _args, { services, actor }) => ({
      endedCount: await services.sessions.endOthers(actor),
    }),
  }),
}));
