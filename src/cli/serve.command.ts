import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { createLogger } from '../server/log.ts';

export function serveCommand(env: NodeJS.ProcessEnv): Command {
  return new Command('serve')
    .description('start the hub; SIGINT or SIGTERM stops it, a second one at once')
    .action(async () => {
      const config = loadConfig(env);
      const log = createLogger(config.log);
      for (const warning of config.warnings) log.warn(warning);
      const { serve } = await import('../server/serve.ts');
      await serve(config, log);
    });
}
