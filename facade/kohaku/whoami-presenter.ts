import { z } from 'zod';
import type { OrgMembership } from '../../src/domain/account/account.queries.ts';
import type { WhoAmI } from '../../src/domain/account/account.service.ts';
import { TOKEN_ROLES } from '../../src/domain/auth/access-token.entity.ts';
import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { VERSION } from '../../src/version.ts';
import { wireDate } from '../wire/dates.ts';
import { wireDateSchema } from './schemas.ts';

const common = {
  id: z.string(),
  name: z.string(),
  fullname: z.string(),
  email: z.string().nullable(),
  canPay: z.boolean(),
  periodEnd: z.null(),
  avatarUrl: z.string(),
};
const org = z.object({ type: z.literal('org'), ...common, roleInOrg: z.enum(ORG_ROLES) });
const accessToken = z.object({
  displayName: z.string(),
  role: z.enum(TOKEN_ROLES),
  createdAt: wireDateSchema,
});

/** The answer of whoami, as huggingface_hub (`whoami`, login) and `@huggingface/hub` (`WhoAmIUser`) read it. */
export const whoamiSchema = z.object({
  type: z.literal('user'),
  ...common,
  emailVerified: z.boolean(),
  isPro: z.boolean(),
  orgs: z.array(org),
  auth: z.object({ type: z.enum(['access_token', 'session']), accessToken: accessToken.optional() }),
  site: z.object({ name: z.string(), api: z.string(), version: z.string() }),
});

/** What of the hub's configuration the answer carries. */
interface Site {
  readonly siteName: string;
  readonly baseUrl: string;
}

export function presentWhoami(
  { account, orgs, token }: WhoAmI,
  { siteName, baseUrl }: Site,
): z.output<typeof whoamiSchema> {
  return {
    type: 'user',
    id: String(account.id),
    name: account.name,
    fullname: account.fullName ?? account.name,
    email: account.email,
    emailVerified: account.isEmailVerified,
    isPro: false,
    canPay: false,
    periodEnd: null,
    avatarUrl: `${baseUrl}/api/users/${account.name}/avatar`,
    orgs: orgs.map((membership) => presentOrg(membership, baseUrl)),
    auth: token ? { type: 'access_token', accessToken: presentToken(token) } : { type: 'session' },
    site: { name: siteName, api: 'kohakuhub', version: VERSION },
  };
}

function presentOrg({ id, name, fullName, role }: OrgMembership, baseUrl: string): z.output<typeof org> {
  return {
    type: 'org',
    id: String(id),
    name,
    fullname: fullName ?? name,
    email: null,
    canPay: false,
    periodEnd: null,
    avatarUrl: `${baseUrl}/api/organizations/${name}/avatar`,
    roleInOrg: role,
  };
}

function presentToken({ name, role, createdAt }: NonNullable<WhoAmI['token']>): z.output<typeof accessToken> {
  return { displayName: name, role, createdAt: wireDate(createdAt) };
}
