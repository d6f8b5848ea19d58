import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

/** A mail as the server got it. */
export interface TrappedMail {
  readonly to: readonly string[];
  /** Headers and body, with soft line breaks undone. */
  readonly text: string;
}

/** A real SMTP server on a free port that keeps what it gets. */
export class MailTrap implements AsyncDisposable {
  readonly mails: TrappedMail[] = [];
  readonly port: number;
  readonly #server: SMTPServer;

  private constructor(server: SMTPServer, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async open(): Promise<MailTrap> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, session, done) {
        void trap.receive(stream, session, done);
      },
    });
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const trap = new MailTrap(server, (server.server.address() as AddressInfo).port);
    return trap;
  }

  private async receive(stream: Readable, session: SMTPServerSession, done: () => void): Promise<void> {
    const source = await text(stream);
    const to = session.envelope.rcptTo.map((recipient) => recipient.address);
    this.mails.push({ to, text: source.replaceAll('=\r\n', '').replaceAll('=3D', '=') });
    done();
  }

  /** Settings of a hub that mails through this server. */
  get settings(): Record<string, string> {
    return {
      SMTP_ENABLED: 'true',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(this.port),
      SMTP_TLS: 'false',
      SMTP_FROM: 'hub@hub.test',
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }
}
