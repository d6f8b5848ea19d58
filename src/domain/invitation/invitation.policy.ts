import type { OrgRole } from '../org/membership.entity.ts';
import { mayInvite } from '../org/org.policy.ts';
import type { InvitationAction } from './invitation.entity.ts';

/** What an invitation's worth depends on. */
export interface InvitationState {
  readonly action: InvitationAction;
  /** What the invited become in the organisation; null when the invitation is to none. */
  readonly role: OrgRole | null;
  /** Null is unlimited. */
  readonly maxUsage: number | null;
  readonly usageCount: number;
  readonly expiresAt: Date;
  /** Whoever made it, as he is now. `orgRole` is his role in the invitation's organisation. */
  readonly inviter: {
    readonly isActive: boolean;
    readonly isAdmin: boolean;
    readonly orgRole: OrgRole | null;
  };
}

/**
 * Why nobody can use the invitation now, as a sentence, or null.
 *
 * An invitation is worth what its maker could do himself at this moment. When he is suspended, leaves, or may no longer
 * give that role, it does not work, and it works again when he may.
 */
export function problemOf(state: InvitationState, now: Date): string | null {
  if (state.expiresAt <= now) return 'This invitation has expired.';
  if (state.maxUsage !== null && state.usageCount >= state.maxUsage)
    return 'This invitation has been used up.';
  return mayStillInvite(state) ? null : 'Whoever made this invitation may not invite any more.';
}

function mayStillInvite({ action, role, inviter }: InvitationState): boolean {
  if (!inviter.isActive) return false;
  if (action === 'register_account' && !inviter.isAdmin) return false;
  return role === null || mayInvite(inviter.orgRole, role);
}
