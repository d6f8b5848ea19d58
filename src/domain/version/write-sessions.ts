import { randomUUID } from 'node:crypto';
import type { SqlExecutor } from '../../db/sql.ts';

/** How often a session says that it is alive. */
const HEARTBEAT_MS = 60_000;
/** A session that was silent for so long belongs to a process that died. */
export const SESSION_SILENCE_MS = 10 * HEARTBEAT_MS;

/**
 * Tells the garbage collector that a write is under way which relies on the store as it is now: refs of this moment and what they
 * reach stay until it is disposed of, however short the grace time is. For writes that read refs long before their transaction,
 * such as a push; open it before reading them.
 */
export async function openWriteSession(sql: SqlExecutor, storeId: number): Promise<AsyncDisposable> {
  const id = randomUUID();
  await sql.execute({
    name: 'open-write-session',
    text: 'insert into write_session (id, store_id) values ($1, $2)',
    values: [id, storeId],
  });
  const beat = setInterval(() => {
    sql
      .execute({
        name: 'beat-write-session',
        text: 'update write_session set heartbeat_at = now() where id = $1',
        values: [id],
      })
      // The database being away for a while does not end the write; ten missed beats would.
      .catch(() => {});
  }, HEARTBEAT_MS);
  beat.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(beat);
      await sql.execute({
        name: 'close-write-session',
        text: 'delete from write_session where id = $1',
        values: [id],
      });
    },
  };
}

/** Removes sessions of processes that died. Nobody waits for them any more. */
export async function forgetDeadSessions(sql: SqlExecutor): Promise<void> {
  await sql.execute({
    text: 'delete from write_session where heartbeat_at < now() - make_interval(secs => $1::float8 / 1000)',
    values: [2 * SESSION_SILENCE_MS],
  });
}
