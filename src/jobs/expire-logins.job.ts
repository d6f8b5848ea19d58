import type { Deps } from '../domain/deps.ts';
import type { Job } from './job.ts';

/** Forgets sessions, mailed secrets, old tokens, old invitations and failed-login counters whose time is over. */
export async function expireLogins({ sql }: Deps): Promise<void> {
  await sql.execute({ text: 'delete from session where expires_at < now()' });
  await sql.execute({ text: 'delete from one_time_token where expires_at < now()' });
  await sql.execute({ text: `delete from access_token where expires_at < now() - interval '30 days'` });
  await sql.execute({ text: `delete from invitation where expires_at < now() - interval '30 days'` });
  await sql.execute({ text: 'delete from login_throttle where expire < extract(epoch from now()) * 1000' });
}

export const expireLoginsJob: Job = { name: 'expire-logins', intervalMs: 600_000, run: expireLogins };
