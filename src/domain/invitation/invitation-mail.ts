import type { MailMessage } from '../auth/mailer.ts';
import type { OrgRole } from '../org/membership.entity.ts';

interface Invited {
  readonly siteName: string;
  readonly to: string;
  readonly inviterName: string;
  readonly link: string;
  readonly expiresAt: Date;
}

/** Invites the owner of an address into an organisation. */
export function orgInvitationMail({
  orgName,
  role,
  ...invited
}: Invited & { readonly orgName: string; readonly role: OrgRole }): MailMessage {
  return invitationMail(invited, {
    subject: `${invited.inviterName} invites you to ${orgName} on ${invited.siteName}`,
    what: `${invited.inviterName} invites you to join the organization ${orgName} on ${invited.siteName} as ${role}.`,
    how: 'Log in with an account that has this e-mail address, and open this link:',
  });
}

/** Invites the owner of an address to make an account. The link proves that the address is his. */
export function registrationInvitationMail(invited: Invited): MailMessage {
  return invitationMail(invited, {
    subject: `${invited.inviterName} invites you to ${invited.siteName}`,
    what: `${invited.inviterName} invites you to make an account on ${invited.siteName}.`,
    how: 'Open this link, and register with this e-mail address:',
  });
}

function invitationMail(
  { to, link, expiresAt }: Invited,
  { subject, what, how }: { readonly subject: string; readonly what: string; readonly how: string },
): MailMessage {
  const day = expiresAt.toISOString().slice(0, 10);
  const ignore = `It works until ${day}. If you do not know who sends you this, ignore this mail.`;
  return { to, subject, text: ['Hello,', what, how, link, ignore, ''].join('\n\n') };
}
