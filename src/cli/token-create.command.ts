import { Command, Option } from 'commander';
import { withHub } from './with-hub.ts';

export function tokenCreateCommand(env: NodeJS.ProcessEnv): Command {
  return new Command('create')
    .description('make an access token and print it; it cannot be shown again')
    .argument('<user>')
    .requiredOption('--name <name>', 'what the token is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(['read', 'write']).default('write'))
    .action(async (user: string, { name, role }: { name: string; role: 'read' | 'write' }) => {
      const { token } = await withHub(env, (hub) =>
        hub.services().tokens.createTokenAsOperator(user, { name, role }),
      );
      console.log(token);
    });
}
