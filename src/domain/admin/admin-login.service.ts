import { type Actor, requireAdmin, requireUser, requireWriter } from '../actor.ts';
import { NotFound } from '../errors.ts';
import { Service } from '../service.ts';
import { lockUser, requireUserId } from './admin-user.queries.ts';
import type { AuditAction } from './audit-action.ts';
import { recordAct } from './audit.ts';
import { deleteLogins, type LoginKind, type Logins, readLogins } from './login.queries.ts';

const ACTION_OF = {
  sessions: 'user.end-sessions',
  tokens: 'user.revoke-tokens',
  'ssh-keys': 'user.remove-ssh-keys',
} as const satisfies Record<LoginKind, AuditAction>;

/** Which logins to end: all of one kind, or one of them. */
export interface LoginChoice {
  readonly kind: LoginKind;
  readonly id?: number;
}

/** How people are logged in, for administrators of the site. */
export class AdminLoginService extends Service {
  /** Newest first, at most 1,000 of each kind, without secrets. @throws {Unauthenticated} @throws {Forbidden} @throws {NotFound} */
  async list(actor: Actor, username: string): Promise<Logins> {
    requireAdmin(requireUser(actor));
    return readLogins(this.deps.sql, await requireUserId(this.deps.sql, username));
  }

  /**
   * Ends logins at once and on every node. @returns how many.
   * @throws {NotFound} the user, or the one login, is not there. @throws {Forbidden} @throws {Unauthenticated}
   */
  async end(actor: Actor, username: string, { kind, id }: LoginChoice): Promise<number> {
    const admin = requireAdmin(requireWriter(actor));
    const userId = await requireUserId(this.deps.sql, username);
    return this.deps.sql.transaction(async (tx) => {
      const user = await lockUser(tx, userId, admin.id);
      const count = await deleteLogins(tx, kind, { userId, ...(id !== undefined && { id }) });
      if (count === 0 && id !== undefined) throw new NotFound(`${user.name} has no such login.`);
      if (count === 0) return 0;
      const subject = { kind: 'user', id: userId, name: user.name } as const;
      const details = id === undefined ? { count } : { id };
      await recordAct(tx, admin, { action: ACTION_OF[kind], subject, details });
      return count;
    });
  }
}
