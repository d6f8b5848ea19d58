/** A plain text mail to one address. */
export interface MailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Hands a mail over. Resolves when the next mail server took it, rejects when it did not. */
export interface Mailer {
  send(message: MailMessage): Promise<void>;
  /** Asks the mail server whether it would let the hub in. Rejects when it does not, or does not answer. */
  check(): Promise<void>;
}
