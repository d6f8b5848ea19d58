import { Service } from '../service.ts';
import type { CardReport } from './card-validation.ts';
import type { RepoType } from './repo.entity.ts';

/** Checks cards before they are committed. Anybody may ask: an answer depends on nothing but what was sent. */
export class CardService extends Service {
  /** @param content the whole README. @throws {Unavailable} when too many ask at once. */
  async validate(type: RepoType, content: string): Promise<CardReport> {
    return this.deps.metadata.validate(type, content);
  }
}
