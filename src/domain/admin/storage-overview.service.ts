import { type Actor, requireAdmin, requireUser } from '../actor.ts';
import { Service } from '../service.ts';
import {
  type ChargedBytes,
  type Consumer,
  type FullNamespace,
  listFullNamespaces,
  listTopConsumers,
  readChargedBytes,
  readStoredByKind,
  type StoredByKind,
} from './storage-overview.queries.ts';

export interface StorageOverview {
  readonly stored: StoredByKind;
  readonly charged: ChargedBytes;
  /** Halves of namespaces that hold 90 per cent of their limit, or more; at most 100. */
  readonly fullNamespaces: readonly FullNamespace[];
  /** At most 20. */
  readonly topConsumers: readonly Consumer[];
}

const FULL_SHARE = 0.9;
const MAX_FULL = 100;
const MAX_CONSUMERS = 20;

/** Where the bytes are, and whose. */
export class StorageOverviewService extends Service {
  /** @throws {Unauthenticated} @throws {Forbidden} */
  async overview(actor: Actor): Promise<StorageOverview> {
    requireAdmin(requireUser(actor));
    const { sql } = this.deps;
    const [stored, charged, fullNamespaces, topConsumers] = await Promise.all([
      readStoredByKind(sql),
      readChargedBytes(sql),
      listFullNamespaces(sql, FULL_SHARE, MAX_FULL),
      listTopConsumers(sql, MAX_CONSUMERS),
    ]);
    return { stored, charged, fullNamespaces, topConsumers };
  }
}
