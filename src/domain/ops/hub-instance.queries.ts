import type { SqlExecutor } from '../../db/sql.ts';

/** The UUID of this hub's data, made when its database was made. */
export async function readInstanceId(sql: SqlExecutor): Promise<string> {
  const [row] = await sql.query<{ id: string }>({ text: 'select id from hub_instance' });
  if (!row) throw new Error('hub_instance has no row: the database was not migrated as a whole.');
  return row.id;
}
