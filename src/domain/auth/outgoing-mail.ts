import type { Log } from '../../lib/log.ts';
import type { Mailer, MailMessage } from './mailer.ts';

/**
 * Sends mails behind the requests: the time of an answer does not tell whether a mail was sent, and a slow mail server
 * holds nobody up. A mail that fails is logged; every mail of the hub can be asked for again.
 */
export class OutgoingMail {
  readonly #mailer: Mailer;
  readonly #log: Log;
  readonly #underWay = new Set<Promise<void>>();

  constructor(mailer: Mailer, log: Log) {
    this.#mailer = mailer;
    this.#log = log;
  }

  post(message: MailMessage): void {
    const sending = this.send(message).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /** Waits until everything posted so far was sent or failed. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  private async send(message: MailMessage): Promise<void> {
    try {
      await this.#mailer.send(message);
    } catch (error) {
      this.#log.error(`A mail "${message.subject}" could not be sent: ${String(error)}`);
    }
  }
}
