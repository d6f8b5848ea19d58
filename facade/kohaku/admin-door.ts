import type { FastifyPluginAsync } from 'fastify';
import { requireAdmin, requireUser, requireWriter } from '../../src/domain/actor.ts';
import { adminAuditRoute } from './admin-audit.route.ts';
import { adminHealthRoute } from './admin-health.route.ts';
import { adminInvitationsRoute } from './admin-invitations.route.ts';
import { adminLoginsRoute } from './admin-logins.route.ts';
import { adminOrgsRoute } from './admin-orgs.route.ts';
import { adminReposRoute } from './admin-repos.route.ts';
import { adminStorageRoute } from './admin-storage.route.ts';
import { adminUserActsRoute, adminUsersRoute } from './admin-users.route.ts';

const ROUTES = [
  adminUsersRoute,
  adminUserActsRoute,
  adminLoginsRoute,
  adminOrgsRoute,
  adminReposRoute,
  adminInvitationsRoute,
  adminHealthRoute,
  adminStorageRoute,
  adminAuditRoute,
];

/** Everything below /api/admin. The services check the caller; here others are sent away before they learn what a request looks like. */
export const adminDoor: FastifyPluginAsync = async (app) => {
  app.addHook('preValidation', async ({ method, scope: { actor } }) => {
    requireAdmin(method === 'GET' || method === 'HEAD' ? requireUser(actor) : requireWriter(actor));
  });
  for (const route of ROUTES) await app.register(route);
};
