import { Command, CommanderError } from 'commander';
import { DomainError } from '../lib/domain-error.ts';
import { StartError } from '../lib/start-error.ts';
import { checkConfigCommand } from './check-config.command.ts';
import { fsckCommand } from './fsck.command.ts';
import { gcCommand } from './gc.command.ts';
import { migrateCommand } from './migrate.command.ts';
import { serveCommand } from './serve.command.ts';
import { tokenCreateCommand } from './token-create.command.ts';
import { userAddCommand } from './user-add.command.ts';

const OK = 0;
const FAILURE = 1;
const USAGE = 2;

/** Runs one `hub` command line and returns its exit code: 0 done, 1 failed, 2 not understood. */
export async function runCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    await program(env).parseAsync(args, { from: 'user' });
    return OK;
  } catch (error) {
    // Commander has printed the help or the mistake already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
    console.error(explain(error));
    return FAILURE;
  }
}

function program(env: NodeJS.ProcessEnv): Command {
  const hub = new Command('hub')
    .description('A self-hosted Hugging Face Hub. Settings come from KOHAKU_HUB_* variables.')
    // Subcommands inherit this only when they are made afterwards.
    .exitOverride()
    .showHelpAfterError('Add --help to see how it is used.');
  const user = hub.command('user').description('Accounts');
  const token = hub.command('token').description('Access tokens');
  hub.addCommand(serveCommand(env).copyInheritedSettings(hub));
  hub.addCommand(migrateCommand(env).copyInheritedSettings(hub));
  hub.addCommand(checkConfigCommand(env).copyInheritedSettings(hub));
  hub.addCommand(fsckCommand(env).copyInheritedSettings(hub));
  hub.addCommand(gcCommand(env).copyInheritedSettings(hub));
  user.addCommand(userAddCommand(env).copyInheritedSettings(hub));
  token.addCommand(tokenCreateCommand(env).copyInheritedSettings(hub));
  return hub;
}

/** A sentence when the operator can act on it, a stack when only a developer can. */
function explain(error: unknown): string {
  if (error instanceof StartError || error instanceof DomainError) return error.message;
  if (!(error instanceof Error)) return String(error);
  // The system's own sentence, such as "EACCES: permission denied, mkdir '/data'".
  return 'syscall' in error ? error.message : (error.stack ?? error.message);
}
