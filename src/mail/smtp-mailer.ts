import { createTransport, type Transporter } from 'nodemailer';
import type { SmtpConfig } from '../config.ts';
import type { Mailer, MailMessage } from '../domain/auth/mailer.ts';

const TIMEOUT_MS = 10_000;

/** Sends mails through one SMTP server, with STARTTLS or TLS unless the configuration says plain. */
export class SmtpMailer implements Mailer {
  readonly #transport: Transporter;
  readonly #from: string;

  constructor({ host, port, username, password, from, tls }: SmtpConfig) {
    this.#from = from;
    this.#transport = createTransport({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      ...(username === null ? {} : { auth: { user: username, pass: password ?? '' } }),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    });
  }

  async send({ to, subject, text }: MailMessage): Promise<void> {
    // An address object, because a string would be parsed as a list of recipients.
    await this.#transport.sendMail({ from: this.#from, to: { name: '', address: to }, subject, text });
  }

  async check(): Promise<void> {
    await this.#transport.verify();
  }
}
