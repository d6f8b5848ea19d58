import type { Config } from '../config.ts';
import type { Mailer } from '../domain/auth/mailer.ts';
import type { Log } from '../lib/log.ts';
import { LogMailer } from './log-mailer.ts';
import { SmtpMailer } from './smtp-mailer.ts';

/** Mails go to the configured SMTP server; without one they are written to the log. */
export function createMailer(config: Config, log: Log): Mailer {
  return config.smtp ? new SmtpMailer(config.smtp) : new LogMailer(log);
}
