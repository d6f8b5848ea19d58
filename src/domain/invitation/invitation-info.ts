import type { FilterQuery, FindOptions } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Membership, type OrgRole } from '../org/membership.entity.ts';
import { Invitation, type InvitationAction } from './invitation.entity.ts';
import { problemOf } from './invitation.policy.ts';

/** An invitation as it stands at this moment. The secret of its link is known to nobody but those who have the link. */
export interface InvitationInfo {
  readonly id: number;
  readonly action: InvitationAction;
  /** Null for an invitation to the hub alone; `role` is null then too. */
  readonly org: { readonly id: number; readonly name: string } | null;
  readonly role: OrgRole | null;
  /** Only whoever has this address, verified, can use it. */
  readonly email: string | null;
  readonly inviterName: string;
  /** Null is unlimited. */
  readonly maxUsage: number | null;
  readonly usageCount: number;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly isExpired: boolean;
  /** Why nobody can use it now; null when it works. */
  readonly problem: string | null;
}

/** Reads invitations with all that their worth depends on. */
export async function readInvitations(
  em: EntityManager,
  where: FilterQuery<Invitation>,
  options: Pick<FindOptions<Invitation>, 'limit' | 'orderBy'> = {},
): Promise<readonly InvitationInfo[]> {
  const rows = await em.find(Invitation, where, {
    ...options,
    populate: ['org', 'createdBy'],
    refresh: true,
  });
  const memberships = await em.find(
    Membership,
    { org: rows.flatMap(({ org }) => org?.id ?? []), user: rows.map(({ createdBy }) => createdBy.id) },
    { refresh: true },
  );
  const now = new Date();
  return rows.map((row) => {
    const org = row.org ? { id: row.org.id, name: row.org.$.name } : null;
    const { id: inviterId, isActive, isAdmin, name: inviterName } = row.createdBy.$;
    const orgRole =
      memberships.find((one) => one.org.id === org?.id && one.user.id === inviterId)?.role ?? null;
    return {
      id: row.id,
      action: row.action,
      org,
      role: row.role ?? null,
      email: row.normalizedEmail ?? null,
      inviterName,
      maxUsage: row.maxUsage ?? null,
      usageCount: row.usageCount,
      lastUsedAt: row.lastUsedAt ?? null,
      createdAt: row.createdAt,
      expiresAt: row.expiresAt,
      isExpired: row.expiresAt <= now,
      problem: problemOf(stateOf(row, { isActive, isAdmin, orgRole }), now),
    };
  });
}

function stateOf(row: Invitation, inviter: { isActive: boolean; isAdmin: boolean; orgRole: OrgRole | null }) {
  const { action, usageCount, expiresAt } = row;
  return { action, usageCount, expiresAt, role: row.role ?? null, maxUsage: row.maxUsage ?? null, inviter };
}
