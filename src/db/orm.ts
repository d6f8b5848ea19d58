import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM, type Options } from '@mikro-orm/postgresql';
import { entities } from '../domain/entities.ts';

/** Options shared by the hub, its tests and the MikroORM command line. */
export function ormOptions(): Options {
  return defineConfig({
    entities,
    extensions: [Migrator],
    forceUtcTimezone: true,
    migrations: {
      path: `${import.meta.dirname}/migrations`,
      snapshotName: '.snapshot',
      emit: 'ts',
      transactional: true,
      allOrNothing: true,
    },
  });
}

export interface OrmConnection {
  readonly url: string;
  /** Upper bound of open connections. */
  readonly poolSize: number;
}

/** Opens the ORM over one `pg` pool, which `openSql` shares. */
export function openOrm({ url, poolSize }: OrmConnection): Promise<MikroORM> {
  return MikroORM.init({ ...ormOptions(), clientUrl: url, pool: { min: 0, max: poolSize } });
}
