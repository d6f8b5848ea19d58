import { z } from 'zod';
import { ADMIN_REPO_SORTS } from '../../../src/domain/admin/admin-repo.queries.ts';
import { AUDIT_ACTIONS } from '../../../src/domain/admin/audit-action.ts';
import { AUDIT_SUBJECTS } from '../../../src/domain/admin/audit-entry.entity.ts';
import { INVITATION_ACTIONS } from '../../../src/domain/invitation/invitation.entity.ts';
import { REPO_TYPES } from '../../../src/domain/repo/repo.entity.ts';
import { VISIBILITIES } from '../../../src/domain/repo/repo-settings.ts';
import { VERSION } from '../../../src/version.ts';
import { COST } from '../../costs.ts';
import { entriesCost } from '../budget.ts';
import { adminOrgDto, adminRepoDto, auditDto } from '../dto/admin.dto.ts';
import { invitationDto } from '../dto/invitation.dto.ts';
import { IdInput, NameText, OfOrganization, OfRepo, PageInput, parseRepoRef } from '../inputs.ts';
import { adminProcedure, costs, router } from '../trpc.ts';
import { adminLoginRouter, adminUserRouter } from './admin-user.router.ts';

const search = z.string().max(1000).optional();

const adminOrgRouter = router({
  list: adminProcedure
    .input(PageInput.extend({ search, isAbandoned: z.boolean().default(false) }))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.adminOrgs.list(actor, input);
      return { items: items.map(adminOrgDto), nextCursor };
    }),
  /** Gives an organization that nobody leads a super-admin. */
  appoint: adminProcedure
    .input(OfOrganization.extend({ username: NameText }))
    .mutation(async ({ ctx: { services, actor }, input: { organization, username } }) => {
      await services.adminOrgs.appoint(actor, organization, username);
    }),
});

const RepoListInput = PageInput.extend({
  search,
  type: z.enum(REPO_TYPES).nullable().default(null),
  namespace: NameText.nullable().default(null),
  visibility: z.enum(VISIBILITIES).nullable().default(null),
  isDisabled: z.boolean().nullable().default(null),
  sort: z.enum(ADMIN_REPO_SORTS).default('created'),
});

const adminRepoRouter = router({
  list: adminProcedure
    .input(RepoListInput)
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input: { visibility, ...input } }) => {
      const isPrivate = visibility && visibility === 'private';
      const { items, nextCursor } = await services.adminRepos.list(actor, { ...input, isPrivate });
      return { items: items.map(adminRepoDto), nextCursor };
    }),
  setDisabled: adminProcedure
    .input(
      OfRepo.extend({
        isDisabled: z.boolean(),
        reason: z.string().max(10_000).nullable().optional().describe('For the audit log'),
      }),
    )
    .mutation(async ({ ctx: { services, actor }, input }) =>
      adminRepoDto(await services.adminRepos.setDisabled(actor, parseRepoRef(input.repo), input)),
    ),
  delete: adminProcedure.input(OfRepo).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.adminRepos.delete(actor, parseRepoRef(input.repo));
  }),
});

const adminInvitationRouter = router({
  list: adminProcedure
    .input(PageInput.extend({ action: z.enum(INVITATION_ACTIONS).nullable().default(null) }))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.adminInvitations.list(actor, input);
      return { items: items.map(invitationDto), nextCursor };
    }),
  cancel: adminProcedure.input(IdInput).mutation(async ({ ctx: { services, actor }, input }) => {
    await services.adminInvitations.cancel(actor, input.id);
  }),
});

const moment = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .nullable()
  .default(null);

/** Null is any; names are as they were then, in the same spelling. */
const AuditInput = PageInput.extend({
  action: z.enum(AUDIT_ACTIONS).nullable().default(null),
  actorName: z.string().max(1000).nullable().default(null),
  subjectKind: z.enum(AUDIT_SUBJECTS).nullable().default(null),
  subjectName: z.string().max(1000).nullable().default(null),
  since: moment,
  until: moment.describe('Before this moment'),
});

/** For administrators of the hub. */
export const adminRouter = router({
  users: adminUserRouter,
  logins: adminLoginRouter,
  organizations: adminOrgRouter,
  repos: adminRepoRouter,
  invitations: adminInvitationRouter,
  /** Everything that this node works with, asked at this moment. */
  health: adminProcedure.use(costs(() => COST.overview)).query(async ({ ctx: { services, actor } }) => ({
    version: VERSION,
    nodeVersion: process.versions.node,
    dependencies: await services.adminHealth.check(actor),
  })),
  /** Where the bytes are, and whose. */
  storage: adminProcedure
    .use(costs(() => COST.overview))
    .query(({ ctx: { services, actor } }) => services.storageOverview.overview(actor)),
  /** What administrators did, newest first. */
  audit: adminProcedure
    .input(AuditInput)
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.audit.list(actor, input);
      return { items: items.map(auditDto), nextCursor };
    }),
});
