import type { MailMessage } from './mailer.ts';

interface Addressed {
  readonly siteName: string;
  readonly to: string;
  readonly username: string;
}

/** The mail with which somebody who forgot his password sets a new one. */
export function passwordResetMail(mail: Addressed & { baseUrl: string; secret: string }): MailMessage {
  const { siteName, to, username, baseUrl, secret } = mail;
  return {
    to,
    subject: `Set a new password for ${siteName}`,
    text: paragraphs([
      `Hello ${username},`,
      `with this code you can set a new password for ${siteName} within one hour:`,
      secret,
      `Send it with the new password as JSON ({"token", "new_password"}) to ${baseUrl}/api/auth/password/reset.`,
      'If you did not ask for this, ignore this mail: your password stays as it is.',
    ]),
  };
}

/** Told to whoever owns an account whose password was just set. */
export function passwordSetMail({ siteName, to, username }: Addressed): MailMessage {
  return {
    to,
    subject: `Your password for ${siteName} was changed`,
    text: paragraphs([
      `Hello ${username},`,
      `the password of your account on ${siteName} was set anew by a code from a mail, and all sessions were ended.`,
      'If it was not you, whoever did it reads your mail. Set another password, and tell the people who run the hub.',
    ]),
  };
}

/** The mail that proves that somebody owns the address that he wants to use from now on. */
export function changeEmailMail({ siteName, to, username, link }: Addressed & { link: string }): MailMessage {
  return {
    to,
    subject: `Confirm your new e-mail address for ${siteName}`,
    text: paragraphs([
      `Hello ${username},`,
      `open this link within 24 hours to use this address for your account on ${siteName}:`,
      link,
      'If you did not ask for this, ignore this mail.',
    ]),
  };
}

/** Told to the address that an account had before. */
export function emailChangedMail({
  siteName,
  to,
  username,
  newEmail,
}: Addressed & { newEmail: string }): MailMessage {
  return {
    to,
    subject: `Your e-mail address for ${siteName} was changed`,
    text: paragraphs([
      `Hello ${username},`,
      `your account on ${siteName} has the address ${newEmail} from now on. This one is not used any more.`,
      'If it was not you, tell the people who run the hub.',
    ]),
  };
}

function paragraphs(texts: readonly string[]): string {
  return [...texts, ''].join('\n\n');
}
