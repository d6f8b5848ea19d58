import { ORG_ROLES, type OrgRole } from './membership.entity.ts';

/** True when `role` may do all that `other` may do. */
function isAtLeast(role: OrgRole, other: OrgRole): boolean {
  return ORG_ROLES.indexOf(role) >= ORG_ROLES.indexOf(other);
}

/** Who may add, change, invite and remove members at all. */
export function mayManageMembers(role: OrgRole | null): role is OrgRole {
  return role !== null && isAtLeast(role, 'admin');
}

/**
 * Whether a manager may turn a member (null: a stranger) into something (null: a stranger again): never somebody above
 * himself, never to above himself. So nobody raises himself.
 */
export function mayChangeMember(manager: OrgRole, from: OrgRole | null, to: OrgRole | null): boolean {
  return (from === null || isAtLeast(manager, from)) && (to === null || isAtLeast(manager, to));
}

/** Who may bring somebody in as something: an invitation is worth as much as its maker may do at that moment. */
export function mayInvite(role: OrgRole | null, to: OrgRole): boolean {
  return mayManageMembers(role) && mayChangeMember(role, null, to);
}

/** Who may change what the organisation tells of itself. */
export function mayEditProfile(role: OrgRole | null): boolean {
  return role !== null && isAtLeast(role, 'admin');
}

/** Who may rename the organisation or end it. */
export function mayEndOrg(role: OrgRole | null): boolean {
  return role === 'super-admin';
}
