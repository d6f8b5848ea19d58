import { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { withHub } from './with-hub.ts';

interface UserAddOptions {
  readonly email?: string;
  readonly password?: string;
  readonly passwordStdin?: true;
  readonly admin?: true;
}

export function userAddCommand(env: NodeJS.ProcessEnv): Command {
  return new Command('add')
    .description('make an account')
    .argument('<name>')
    .option('--email <address>')
    .option('--password <password>', 'visible to other users of this machine; better not')
    .option('--password-stdin', 'read the password from standard input')
    .option('--admin', 'may manage the hub')
    .addHelpText('after', '\nWithout a password, one is made and printed.')
    .action((name: string, options: UserAddOptions) => addUser(env, name, options));
}

async function addUser(env: NodeJS.ProcessEnv, name: string, options: UserAddOptions): Promise<void> {
  const given = options.passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : options.password;
  const password = given ?? randomBytes(15).toString('base64url');
  await withHub(env, (hub) =>
    hub.services().accounts.createUserAsOperator({
      name,
      password,
      email: options.email ?? null,
      isAdmin: options.admin ?? false,
    }),
  );
  console.log(`The account ${name} is ready.`);
  if (given === undefined) console.log(`Password: ${password}`);
}
