import type { Mailer, MailMessage } from '../domain/auth/mailer.ts';
import type { Log } from '../lib/log.ts';

/** Writes mails to the log, so that a hub without a mail server can be used: its operator finds the links there. */
export class LogMailer implements Mailer {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  async send({ to, subject, text }: MailMessage): Promise<void> {
    this.#log.warn(`No mail server is configured. Mail to ${to}: ${subject}\n${text}`);
  }

  /** The log is always there. */
  async check(): Promise<void> {}
}
