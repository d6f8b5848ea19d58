import type { FastifyPluginAsync } from 'fastify';
import { acceptInvitationRoute } from './accept-invitation.route.ts';
import { adminDoor } from './admin-door.ts';
import { addOrgMemberRoute } from './add-org-member.route.ts';
import { addSshKeyRoute } from './add-ssh-key.route.ts';
import { avatarRoutes } from './avatar.route.ts';
import { cancelInvitationRoute } from './cancel-invitation.route.ts';
import { cancelOrgInvitationRoute } from './cancel-org-invitation.route.ts';
import { cancelRegistrationInvitationRoute } from './cancel-registration-invitation.route.ts';
import { changeEmailRoute } from './change-email.route.ts';
import { changeOrgMemberRoute } from './change-org-member.route.ts';
import { changePasswordRoute } from './change-password.route.ts';
import { checkNameRoute } from './check-name.route.ts';
import { createOrgInvitationRoute } from './create-org-invitation.route.ts';
import { createOrgRoute } from './create-org.route.ts';
import { createRegistrationInvitationRoute } from './create-registration-invitation.route.ts';
import { createTokenRoute } from './create-token.route.ts';
import { deleteOrgRoute } from './delete-org.route.ts';
import { deleteSshKeyRoute } from './delete-ssh-key.route.ts';
import { deleteTokenRoute } from './delete-token.route.ts';
import { deleteUserRoute } from './delete-user.route.ts';
import { externalTokensRoute } from './external-tokens.route.ts';
import { fallbackSourcesRoute } from './fallback-sources.route.ts';
import { getInvitationRoute } from './get-invitation.route.ts';
import { getOrgRoute } from './get-org.route.ts';
import { getSshKeyRoute } from './get-ssh-key.route.ts';
import { listOrgInvitationsRoute } from './list-org-invitations.route.ts';
import { listOrgMembersRoute } from './list-org-members.route.ts';
import { listRegistrationInvitationsRoute } from './list-registration-invitations.route.ts';
import { listSshKeysRoute } from './list-ssh-keys.route.ts';
import { listTokensRoute } from './list-tokens.route.ts';
import { loginRoute } from './login.route.ts';
import { logoutRoute } from './logout.route.ts';
import { meRoute } from './me.route.ts';
import { namespaceQuotaRoute } from './namespace-quota.route.ts';
import { orgProfileRoute } from './org-profile.route.ts';
import { orgSettingsRoute } from './org-settings.route.ts';
import { registerRoute } from './register.route.ts';
import { removeOrgMemberRoute } from './remove-org-member.route.ts';
import { renameOrgRoute } from './rename-org.route.ts';
import { resetPasswordRoute } from './reset-password.route.ts';
import { sessionsRoute } from './sessions.route.ts';
import { repoQuotaRoute } from './repo-quota.route.ts';
import { repoStatsRoute } from './repo-stats.route.ts';
import { resendVerificationRoute } from './resend-verification.route.ts';
import { siteConfigRoute } from './site-config.route.ts';
import { trendingRoute } from './trending.route.ts';
import { userOrgsRoute } from './user-orgs.route.ts';
import { userSettingsRoute } from './user-settings.route.ts';
import { validateYamlRoute } from './validate-yaml.route.ts';
import { verifyEmailRoute } from './verify-email.route.ts';
import { versionRoute } from './version.route.ts';
import { whoamiRoute } from './whoami.route.ts';

const ROUTES = [
  registerRoute,
  loginRoute,
  logoutRoute,
  verifyEmailRoute,
  resendVerificationRoute,
  meRoute,
  changePasswordRoute,
  resetPasswordRoute,
  changeEmailRoute,
  sessionsRoute,
  userSettingsRoute,
  deleteUserRoute,
  listTokensRoute,
  createTokenRoute,
  deleteTokenRoute,
  listSshKeysRoute,
  getSshKeyRoute,
  addSshKeyRoute,
  deleteSshKeyRoute,
  externalTokensRoute,
  fallbackSourcesRoute,
  createOrgRoute,
  getOrgRoute,
  renameOrgRoute,
  deleteOrgRoute,
  listOrgMembersRoute,
  addOrgMemberRoute,
  changeOrgMemberRoute,
  removeOrgMemberRoute,
  userOrgsRoute,
  orgSettingsRoute,
  orgProfileRoute,
  createOrgInvitationRoute,
  listOrgInvitationsRoute,
  cancelOrgInvitationRoute,
  createRegistrationInvitationRoute,
  listRegistrationInvitationsRoute,
  cancelRegistrationInvitationRoute,
  getInvitationRoute,
  acceptInvitationRoute,
  cancelInvitationRoute,
  avatarRoutes,
  namespaceQuotaRoute,
  repoQuotaRoute,
  whoamiRoute,
  checkNameRoute,
  validateYamlRoute,
  repoStatsRoute,
  trendingRoute,
  siteConfigRoute,
  versionRoute,
  adminDoor,
];

/** The hub's own REST interface, after the specification: accounts, tokens, validation. */
export const kohakuDoor: FastifyPluginAsync = async (app) => {
  // Any page may send a form to the login. It cannot send JSON, because no other site is let through by CORS.
  app.removeContentTypeParser('application/x-www-form-urlencoded');
  for (const route of ROUTES) await app.register(route);
};
