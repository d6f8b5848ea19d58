import { Gauge, type Registry } from 'prom-client';
import type { StoredByKind } from '../domain/admin/storage-overview.queries.ts';

/** Counting reads whole tables, so not every scrape does. */
const MAX_AGE_MS = 10 * 60_000;

const KINDS = {
  storedSegments: 'segment',
  inlineSegments: 'inline-segment',
  lfsObjects: 'lfs-object',
  xorbs: 'xorb',
} as const satisfies Record<keyof StoredByKind, string>;

export interface StoredGaugesOptions {
  readonly registry: Registry;
  readonly readStored: () => Promise<StoredByKind>;
  /** Is told when the counting failed. Scrapes get the last numbers then, and the next one tries again. */
  readonly onError: (error: unknown) => void;
}

/** Adds what the hub stores to the metrics, by kind: at most ten minutes old. Virtual xorbs are parts of LFS objects. */
export function addStoredGauges({ registry, readStored, onError }: StoredGaugesOptions): void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['kind'] as const, registers: [registry], collect: () => refresh() });
  const objects = gauge('hub_stored_objects', 'What is stored, by kind.');
  const bytes = gauge('hub_stored_bytes', 'Bytes of what is stored, by kind.');
  let countedAt = -Infinity;
  let counting: Promise<void> | undefined;

  function refresh(): Promise<void> {
    if (performance.now() - countedAt >= MAX_AGE_MS) counting ??= count();
    return counting ?? Promise.resolve();
  }

  async function count(): Promise<void> {
    try {
      const stored = await readStored();
      for (const [key, kind] of Object.entries(KINDS) as [keyof StoredByKind, string][]) {
        objects.set({ kind }, stored[key].count);
        bytes.set({ kind }, stored[key].bytes);
      }
      countedAt = performance.now();
    } catch (error) {
      onError(error);
    } finally {
      counting = undefined;
    }
  }
}
