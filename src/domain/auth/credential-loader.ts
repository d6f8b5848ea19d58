import type { SqlExecutor } from '../../db/sql.ts';
import { Batcher } from '../../lib/batcher.ts';
import {
  findSessions,
  findTokens,
  type SessionCredential,
  type TokenCredential,
} from './credential.queries.ts';
import { hashSecret } from './secrets.ts';

/**
 * Looks credentials up, all those of one turn of the event loop by one statement. Nothing is cached: a token or session
 * that was revoked, on this node or another, is refused from the next request on.
 */
export class CredentialLoader {
  readonly #tokens: Batcher<string, TokenCredential | null>;
  readonly #sessions: Batcher<string, SessionCredential | null>;

  constructor(sql: SqlExecutor) {
    this.#tokens = batched((hashes) => findTokens(sql, hashes));
    this.#sessions = batched((hashes) => findSessions(sql, hashes));
  }

  /** The valid token, or null. */
  token(token: string): Promise<TokenCredential | null> {
    return this.#tokens.load(hashSecret(token).toString('hex'));
  }

  /** The valid session with this cookie value, or null. */
  session(secret: string): Promise<SessionCredential | null> {
    return this.#sessions.load(hashSecret(secret).toString('hex'));
  }
}

function batched<Row extends { readonly hash: string }>(
  find: (hashes: readonly string[]) => Promise<readonly Row[]>,
): Batcher<string, Row | null> {
  return new Batcher({
    idOf: (hash) => hash,
    loadMany: async (hashes) => {
      const rows = await find(hashes);
      const byHash = new Map(rows.map((row) => [row.hash, row]));
      return hashes.map((hash) => byHash.get(hash) ?? null);
    },
  });
}
