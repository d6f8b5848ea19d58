import { z } from 'zod';
import type { AdminUser, AdminUserDetails } from '../../src/domain/admin/admin-user.queries.ts';
import { wireDate } from '../wire/dates.ts';
import { wireDateSchema } from './schemas.ts';

export const tags = ['administration'];

export const bytes = z.int();
export const limitBytes = bytes.nullable().describe('null: no limit');

/** A page of a list; the next one is in the `Link` header. */
export const adminPage = {
  limit: z.coerce.number().int().min(1).default(100).describe('At most 1000'),
  cursor: z.string().min(1).optional(),
};

export const UserPath = z.object({ username: z.string() });

/** Lists can be narrowed by it; text that is too long is refused. */
export const search = z.string().optional().describe('A part of the name, in any case of letters');

export const reasonBody = z
  .object({ reason: z.string().nullish().describe('For the audit log; at most 500 characters') })
  .nullish();

export const userSchema = z.object({
  id: z.int(),
  username: z.string(),
  full_name: z.string().nullable(),
  email: z.string().nullable(),
  email_verified: z.boolean(),
  is_active: z.boolean().describe('false: suspended'),
  is_admin: z.boolean(),
  private_quota_bytes: limitBytes,
  public_quota_bytes: limitBytes,
  private_used_bytes: bytes,
  public_used_bytes: bytes,
  created_at: wireDateSchema,
});

export function presentUser(user: AdminUser): z.output<typeof userSchema> {
  return {
    id: user.id,
    username: user.name,
    full_name: user.fullName,
    email: user.email,
    email_verified: user.isEmailVerified,
    is_active: user.isActive,
    is_admin: user.isAdmin,
    private_quota_bytes: user.privateQuotaBytes,
    public_quota_bytes: user.publicQuotaBytes,
    private_used_bytes: user.privateUsedBytes,
    public_used_bytes: user.publicUsedBytes,
    created_at: wireDate(user.createdAt),
  };
}

export const userDetailsSchema = userSchema.extend({
  repositories: z.int(),
  organizations: z.int(),
  sessions: z.int(),
  tokens: z.int(),
  ssh_keys: z.int(),
});

export function presentUserDetails(user: AdminUserDetails): z.output<typeof userDetailsSchema> {
  return {
    ...presentUser(user),
    repositories: user.repoCount,
    organizations: user.orgCount,
    sessions: user.sessionCount,
    tokens: user.tokenCount,
    ssh_keys: user.sshKeyCount,
  };
}
