import { Command } from 'commander';
import { StartError } from '../lib/start-error.ts';
import { withHub } from './with-hub.ts';

export function fsckCommand(env: NodeJS.ProcessEnv): Command {
  return new Command('fsck')
    .description('re-hash everything and check that nothing is missing; changes nothing')
    .action(async () => {
      const { repositories, lfsObjects, xetFiles, xorbs, findings } = await withHub(env, (hub) =>
        hub
          .services()
          .fsck.runAsOperator(({ code, where, message }) => console.log(`${code} ${where}: ${message}`)),
      );
      console.log(
        `Checked ${repositories} repositories, ${lfsObjects} LFS objects, ${xetFiles} Xet files and ${xorbs.xorbs} xorbs ` +
          `(${xorbs.rawBytes} bytes, stored in ${xorbs.storedBytes}): ${findings} problem(s).`,
      );
      if (findings > 0)
        throw new StartError('The hub is damaged. Restore what is named above from a backup.');
    });
}
