import type { InvitationInfo } from '../../../src/domain/invitation/invitation-info.ts';
import type { CreatedInvitation } from '../../../src/domain/invitation/invitation.service.ts';

/** An invitation without the secret of its link, which the hub does not know. */
export function invitationDto({ org, lastUsedAt, createdAt, expiresAt, ...invitation }: InvitationInfo) {
  return {
    ...invitation,
    organization: org?.name ?? null,
    lastUsedAt: lastUsedAt && lastUsedAt.toISOString(),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

/** With the secret, which is shown now and never again; null when it is only in the mail. */
export function createdInvitationDto({ token, link, expiresAt, maxUsage }: CreatedInvitation) {
  return { token, link, expiresAt: expiresAt.toISOString(), maxUsage };
}
