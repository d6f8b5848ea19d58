import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import type { Page } from '../../src/domain/version/values.ts';

/** A page with the repository at each entry, which its nested fields need. */
export function ofRepo<Item extends object>(repo: RepoAccess, { items, nextCursor }: Page<Item>) {
  return { items: items.map((item) => Object.assign({ repo }, item)), nextCursor };
}
