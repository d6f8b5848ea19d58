import type { SqlExecutor } from '../../db/sql.ts';
import type { Oid } from '../../git/oid.ts';
import { parseTag } from '../../git/tag.ts';
import { readObjectData } from './object.queries.ts';

/** What a tag object names in the end. A tag may name a tag, and so on; a tag names what was there before it, so that this ends. */
export async function peelTag(sql: SqlExecutor, storeId: number, tag: Buffer): Promise<Oid> {
  let { object, type } = parseTag(tag);
  while (type === 'tag') {
    const next = (await readObjectData(sql, storeId, [object])).get(object);
    if (!next) throw new Error(`the tag ${object} is not in its store`);
    ({ object, type } = parseTag(next));
  }
  return object;
}
