import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM, type Options } from '@mikro-orm/postgresql';
import type { ClientBase } from 'pg';
import { entities } from '../domain/entities.ts';
import type { Log } from '../lib/log.ts';

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
      // Only `db:diff` writes it: a hub never writes to its own sources, which another one may be reading.
      snapshotOnMigrate: false,
      transactional: true,
      allOrNothing: true,
    },
  });
}

export interface OrmConnection {
  readonly url: string;
  /** Upper bound of open connections. */
  readonly poolSize: number;
  /** Takes what the ORM says, such as the names of migrations; without it, the ORM writes to standard output. */
  readonly log?: Log;
}

/** Opens the ORM over one `pg` pool, which `openSql` shares. */
export function openOrm({ url, poolSize, log }: OrmConnection): Promise<MikroORM> {
  return MikroORM.init({
    ...ormOptions(),
    clientUrl: url,
    pool: { min: 0, max: poolSize },
    // Statements are short, and compiling one for each execution takes longer: the estimate for a repository with many refs is enough for it.
    driverOptions: { onConnect: (client: ClientBase) => client.query('set jit = off') },
    ...(log ? { colors: false, logger: (message: string) => log.info(message) } : {}),
  });
}
