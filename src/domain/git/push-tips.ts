import type { SqlExecutor } from '../../db/sql.ts';
import type { Oid } from '../../git/oid.ts';
import type { ObjectType } from '../../git/object.ts';
import { parseTag } from '../../git/tag.ts';
import type { TagTarget } from './push-content.ts';
import { readTarget } from './push-import.queries.ts';

/** Where tips of a push are looked up: among what it brings, then in the store. */
export interface TipSource {
  readonly sql: SqlExecutor;
  readonly storeId: number;
  readonly newCommits: { has(oid: Oid): boolean };
  readonly newTags: ReadonlyMap<Oid, TagTarget>;
}

interface Tip {
  readonly type: ObjectType;
  /** What a tag names. */
  readonly target: Oid | null;
}

/** A tag may name a tag, and so on; as deep as revisions are resolved. */
const MAX_TAG_DEPTH = 8;

/** Why a ref must not name this object, or null: branches name commits, and tags lead to commits. */
export async function tipProblem(source: TipSource, refName: string, newOid: Oid): Promise<string | null> {
  const mayBeTag = refName.startsWith('refs/tags/');
  const maxDepth = mayBeTag ? MAX_TAG_DEPTH : 0;
  let tip = await findTip(source, newOid);
  for (let depth = 0; tip?.target && depth < maxDepth; depth++) tip = await findTip(source, tip.target);
  if (tip?.type === 'commit') return null;
  if (tip?.type === 'tag' && mayBeTag) return `a tag must not lead through more than ${MAX_TAG_DEPTH} tags`;
  return mayBeTag ? 'a tag must lead to a commit' : 'this ref must name a commit';
}

async function findTip({ sql, storeId, newCommits, newTags }: TipSource, oid: Oid): Promise<Tip | null> {
  if (newCommits.has(oid)) return { type: 'commit', target: null };
  const tag = newTags.get(oid);
  if (tag) return { type: 'tag', target: tag.oid };
  const stored = await readTarget(sql, storeId, oid);
  return stored && { type: stored.type, target: stored.tag && parseTag(stored.tag).object };
}
