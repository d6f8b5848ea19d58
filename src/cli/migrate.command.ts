import { Command } from 'commander';
import { migrate } from '../server/migrate.ts';
import { withHub } from './with-hub.ts';

export function migrateCommand(env: NodeJS.ProcessEnv): Command {
  return new Command('migrate').description('bring the database to the newest schema').action(() =>
    withHub(env, async ({ orm }) => {
      await migrate(orm);
      console.log('The database has the newest schema.');
    }),
  );
}
