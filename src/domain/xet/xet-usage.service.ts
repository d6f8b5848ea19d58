import type { RepoAccess } from '../repo/repo-access.ts';
import { Service } from '../service.ts';
import { readXetSavings } from './xet-usage.queries.ts';

/** How much repositories hold, and how much of it is stored once for several files. */
export class XetUsageService extends Service {
  /**
   * The bytes of all file contents of all versions, by repository id: what `usedBytes` would be if no two files shared
   * chunks and nothing was compressed. @param repos come from a service that checked the caller's rights.
   */
  async logicalBytes(repos: readonly RepoAccess[]): Promise<ReadonlyMap<number, number>> {
    const savings = await readXetSavings(
      this.deps.sql,
      repos.map((repo) => repo.id),
    );
    const saved = new Map(savings.map(({ repoId, savedBytes }) => [repoId, savedBytes]));
    return new Map(repos.map(({ id, usedBytes }) => [id, usedBytes + (saved.get(id) ?? 0)]));
  }
}
