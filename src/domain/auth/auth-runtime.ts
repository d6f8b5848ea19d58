import type { Pool } from 'pg';
import type { SqlExecutor } from '../../db/sql.ts';
import type { Log } from '../../lib/log.ts';
import { CredentialLoader } from './credential-loader.ts';
import { recordTokenUse } from './credential.queries.ts';
import { LastUse } from './last-use.ts';
import { LoginThrottle } from './login-throttle.ts';
import type { Mailer } from './mailer.ts';
import { OutgoingMail } from './outgoing-mail.ts';
import { PasswordHasher } from './password-hasher.ts';
import { recordSshKeyUse } from './ssh-key.queries.ts';

export interface AuthRuntimeOptions {
  readonly sql: SqlExecutor;
  readonly pool: Pool;
  readonly mailer: Mailer;
  readonly log: Log;
}

/** What authentication keeps as long as the process: batches, queues and counters that all requests share. */
export class AuthRuntime {
  readonly credentials: CredentialLoader;
  readonly tokenUse: LastUse;
  readonly sshKeyUse: LastUse;
  readonly passwords: PasswordHasher;
  readonly throttle: LoginThrottle;
  readonly mail: OutgoingMail;

  constructor({ sql, pool, mailer, log }: AuthRuntimeOptions) {
    this.credentials = new CredentialLoader(sql);
    this.tokenUse = new LastUse({ record: (uses) => recordTokenUse(sql, uses), log });
    this.sshKeyUse = new LastUse({ record: (uses) => recordSshKeyUse(sql, uses), log });
    this.passwords = new PasswordHasher();
    this.throttle = new LoginThrottle(pool);
    this.mail = new OutgoingMail(mailer, log);
  }

  /** Finishes what runs behind the requests. Call it before the database closes. */
  async close(): Promise<void> {
    await Promise.all([this.mail.settle(), this.tokenUse.flush(), this.sshKeyUse.flush()]);
  }
}
