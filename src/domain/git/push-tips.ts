import type { SqlExecutor } from '../../db/sql.ts';
import type { Oid } from '../../git/oid.ts';
import type { ObjectType } from '../../git/object.ts';
import { parseTag } from '../../git/tag.ts';
import type { TagTarget } from './push-content.ts';
import { readTargets } from './push-import.queries.ts';

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

/** Why refs must not name these objects, by their names: branches name commits, and tags lead to commits. */
export async function tipProblems(
  source: TipSource,
  refs: readonly { readonly refName: string; readonly newOid: Oid }[],
): Promise<ReadonlyMap<string, string>> {
  const tips = await findTips(
    source,
    refs.map(({ newOid }) => newOid),
  );
  const problems = new Map<string, string>();
  for (const { refName, newOid } of refs) {
    const mayBeTag = refName.startsWith('refs/tags/');
    const problem = problemOf(tips, newOid, mayBeTag);
    if (problem !== null) problems.set(refName, problem);
  }
  return problems;
}

function problemOf(tips: ReadonlyMap<Oid, Tip>, newOid: Oid, mayBeTag: boolean): string | null {
  const maxDepth = mayBeTag ? MAX_TAG_DEPTH : 0;
  let tip = tips.get(newOid);
  for (let depth = 0; tip?.target && depth < maxDepth; depth++) tip = tips.get(tip.target);
  if (tip?.type === 'commit') return null;
  if (tip?.type === 'tag' && mayBeTag) return `a tag must not lead through more than ${MAX_TAG_DEPTH} tags`;
  return mayBeTag ? 'a tag must lead to a commit' : 'this ref must name a commit';
}

/** All tips, and what they lead to: one look into the store for each level of tags, however many refs there are. */
async function findTips(source: TipSource, oids: readonly Oid[]): Promise<ReadonlyMap<Oid, Tip>> {
  const { sql, storeId, newCommits, newTags } = source;
  const tips = new Map<Oid, Tip>();
  let level = new Set(oids);
  for (let depth = 0; level.size > 0 && depth <= MAX_TAG_DEPTH; depth++) {
    const stored: Oid[] = [];
    for (const oid of level) {
      const tag = newTags.get(oid);
      if (newCommits.has(oid)) tips.set(oid, { type: 'commit', target: null });
      else if (tag) tips.set(oid, { type: 'tag', target: tag.oid });
      else stored.push(oid);
    }
    for (const [oid, { type, tag }] of await readTargets(sql, storeId, stored))
      tips.set(oid, { type, target: tag && parseTag(tag).object });
    const targets = Array.from(level, (oid) => tips.get(oid)?.target ?? null);
    level = new Set(targets.filter((oid) => oid !== null && !tips.has(oid)) as Oid[]);
  }
  return tips;
}
