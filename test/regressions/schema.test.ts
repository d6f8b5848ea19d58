import { expect } from 'vitest';
import { it } from '../support/it.ts';

/** Written with every commit, and large. Only the deletion of an account would use an index on them. */
const HOT = ['git_commit: git_commit_user_id_foreign', 'git_reflog: git_reflog_user_id_foreign'];

/** Without an index, deleting a row reads every row that could refer to it. */
it('every foreign key that a deletion follows has an index that begins with its columns', async ({ hub }) => {
  const missing = await hub.deps.sql.query<{ foreignKey: string }>({
    text: `
      select c.conrelid::regclass || ': ' || c.conname as "foreignKey"
      from pg_constraint c
      where c.contype = 'f' and c.conparentid = 0 and not exists (
        select from pg_index i
        where i.indrelid = c.conrelid and i.indpred is null
          and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
          and c.conkey @> (i.indkey::int2[])[0:cardinality(c.conkey) - 1]
      )
      order by 1`,
  });
  expect(missing.map((row) => row.foreignKey)).toEqual(HOT);
});
