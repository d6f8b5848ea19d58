import { z } from 'zod';
import { COST } from '../../costs.ts';
import { LOGIN_KINDS } from '../../../src/domain/admin/login.queries.ts';
import { adminUserDetailsDto, adminUserDto, loginsDto } from '../dto/admin.dto.ts';
import { entriesCost } from '../budget.ts';
import { OfUser, PageInput } from '../inputs.ts';
import { adminProcedure, costs, router } from '../trpc.ts';

const VerdictInput = OfUser.extend({
  reason: z.string().max(10_000).nullable().optional().describe('For the audit log'),
});
const anyOr = z.boolean().nullable().default(null);

const ListInput = PageInput.extend({
  search: z.string().max(1000).optional(),
  isActive: anyOr,
  isAdmin: anyOr,
  isEmailVerified: anyOr,
});

const CreateInput = OfUser.extend({
  password: z.string().max(4096),
  email: z.string().max(1024).nullable().default(null).describe('Counts as verified'),
  isAdmin: z.boolean().default(false),
});

/** Accounts of people. */
export const adminUserRouter = router({
  list: adminProcedure
    .input(ListInput)
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor, total } = await services.adminUsers.list(actor, input);
      return { items: items.map(adminUserDto), nextCursor, total };
    }),
  get: adminProcedure
    .input(OfUser)
    .query(async ({ ctx: { services, actor }, input }) =>
      adminUserDetailsDto(await services.adminUsers.get(actor, input.username)),
    ),
  create: adminProcedure
    .input(CreateInput)
    .mutation(async ({ ctx: { services, actor }, input: { username: name, ...input } }) =>
      adminUserDetailsDto(await services.adminUsers.create(actor, { name, ...input })),
    ),
  suspend: adminProcedure
    .input(VerdictInput)
    .mutation(async ({ ctx: { services, actor }, input: { username, reason } }) =>
      adminUserDetailsDto(await services.adminUsers.suspend(actor, username, reason)),
    ),
  reinstate: adminProcedure
    .input(VerdictInput)
    .mutation(async ({ ctx: { services, actor }, input: { username, reason } }) =>
      adminUserDetailsDto(await services.adminUsers.reinstate(actor, username, reason)),
    ),
  verifyEmail: adminProcedure
    .input(OfUser)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      adminUserDetailsDto(await services.adminUsers.verifyEmail(actor, input.username)),
    ),
  makeAdmin: adminProcedure
    .input(OfUser)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      adminUserDetailsDto(await services.adminUsers.makeAdmin(actor, input.username)),
    ),
  unmakeAdmin: adminProcedure
    .input(OfUser)
    .mutation(async ({ ctx: { services, actor }, input }) =>
      adminUserDetailsDto(await services.adminUsers.unmakeAdmin(actor, input.username)),
    ),
  delete: adminProcedure
    .input(OfUser.extend({ endsRedirects: z.boolean().default(false) }))
    .mutation(async ({ ctx: { services, actor }, input: { username, endsRedirects } }) => {
      await services.adminUsers.delete(actor, username, { endsRedirects });
    }),
});

/** How people are logged in, without secrets. */
export const adminLoginRouter = router({
  list: adminProcedure
    .input(OfUser)
    .use(costs(() => COST.overview))
    .query(async ({ ctx: { services, actor }, input }) =>
      loginsDto(await services.adminLogins.list(actor, input.username)),
    ),
  /** One login, or all of a kind. */
  end: adminProcedure
    .input(OfUser.extend({ kind: z.enum(LOGIN_KINDS), id: z.int().min(1).optional() }))
    .mutation(async ({ ctx: { services, actor }, input: { username, kind, id } }) => ({
      count: await services.adminLogins.end(actor, username, { kind, ...(id !== undefined && { id }) }),
    })),
});
