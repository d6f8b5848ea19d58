import { Service } from '../service.ts';
import { FallbackSource, type FallbackSourceType } from './fallback-source.entity.ts';

/** Another hub, as everybody may know of it. */
export interface AvailableSource {
  readonly url: string;
  readonly name: string;
  readonly sourceType: FallbackSourceType;
  /** Lowest first. */
  readonly priority: number;
}

const MAX_SOURCES = 100;

/** The other hubs that this one knows. */
export class FallbackSourceService extends Service {
  /** Those for every namespace, the first of each address, by priority. For everybody; tokens stay here. */
  async available(): Promise<readonly AvailableSource[]> {
    const sources = await this.deps.em.find(
      FallbackSource,
      { namespace: null, isEnabled: true },
      { orderBy: { priority: 'asc', id: 'asc' }, limit: MAX_SOURCES },
    );
    const byUrl = new Map<string, AvailableSource>();
    for (const { url, name, sourceType, priority } of sources) {
      if (!byUrl.has(url)) byUrl.set(url, { url, name, sourceType, priority });
    }
    return [...byUrl.values()];
  }
}
