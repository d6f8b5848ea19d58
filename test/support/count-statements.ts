import type { Hub } from '../../src/server/hub.ts';

/**
 * How often `work` takes a connection: once for each statement outside of transactions, and once for each transaction. Nothing else
 * may run on the hub meanwhile.
 */
export async function countStatements(hub: Hub, work: () => Promise<unknown>): Promise<number> {
  await settle(hub);
  const pool = await hub.orm.em.getConnection().getNativeClient();
  let count = 0;
  const note = (): number => count++;
  pool.on('acquire', note);
  try {
    await work();
  } finally {
    pool.off('acquire', note);
  }
  return count;
}

/** Waits for what earlier requests left to be written behind them, which may be seconds later. */
async function settle({ deps: { auth, downloads, activity } }: Hub): Promise<void> {
  await Promise.all([auth.tokenUse.flush(), auth.sshKeyUse.flush(), downloads.flush()]);
  await activity.flush();
}
