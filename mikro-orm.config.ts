import { ormOptions } from './src/db/orm.ts';

// Used by `npm run db:diff` and `npm run db:check`; both compare entities with the committed snapshot.
export default {
  ...ormOptions(),
  clientUrl: process.env['KOHAKU_HUB_DATABASE_URL'] ?? 'postgres://localhost/kohaku',
};
