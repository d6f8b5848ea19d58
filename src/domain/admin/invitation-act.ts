import type { InvitationAction } from '../invitation/invitation.entity.ts';
import type { OrgRole } from '../org/membership.entity.ts';
import type { Act } from './audit.ts';

/** What the log says of an invitation. */
export interface LoggedInvitation {
  readonly id: number;
  readonly action: InvitationAction;
  readonly org: { readonly name: string } | null;
  readonly role: OrgRole | null;
  readonly email: string | null;
}

/** An invitation has no name: the log calls it by whom or what it is for. */
export function invitationAct(
  action: 'invitation.create' | 'invitation.cancel',
  { id, action: kind, org, role, email }: LoggedInvitation,
): Act {
  const name = email ?? org?.name ?? 'anybody';
  return {
    action,
    subject: { kind: 'invitation', id, name },
    details: { kind, org: org?.name ?? null, role, email },
  };
}
