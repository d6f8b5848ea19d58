import type { MailMessage } from './mailer.ts';

interface Addressed {
  readonly siteName: string;
  readonly to: string;
  readonly username: string;
}

/** The mail with the link that proves who owns an address. */
export function verificationMail({
  siteName,
  to,
  username,
  link,
}: Addressed & { link: string }): MailMessage {
  return {
    to,
    subject: `Verify your e-mail address for ${siteName}`,
    text: [
      `Hello ${username},`,
      `open this link within 24 hours to verify your e-mail address for ${siteName}:`,
      link,
      'If you did not ask for this, ignore this mail.',
      '',
    ].join('\n\n'),
  };
}

/** Sent instead when somebody registers with an address that has an account: the answer to him must not tell. */
export function alreadyRegisteredMail({ siteName, to, username }: Addressed): MailMessage {
  return {
    to,
    subject: `You already have an account on ${siteName}`,
    text: [
      `Hello ${username},`,
      `somebody, perhaps you, tried to register on ${siteName} with this e-mail address. It already belongs to your account.`,
      'If it was not you, ignore this mail.',
      '',
    ].join('\n\n'),
  };
}
