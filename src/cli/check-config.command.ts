import { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';

const SET = '[set]';
const GENERATED = '[generated in the data directory]';

export function checkConfigCommand(env: NodeJS.ProcessEnv): Command {
  return new Command('check-config')
    .description('print the configuration that is in effect, without its secrets')
    .action(() => {
      const config = loadConfig(env);
      console.log(JSON.stringify(withoutSecrets(config), null, 2));
    });
}

function withoutSecrets(config: Config): object {
  const { database, secrets, s3, smtp, metricsToken, warnings, ...open } = config;
  return {
    ...open,
    database: { ...database, url: database.url && withoutPassword(database.url) },
    secrets: {
      session: secrets.session ? SET : GENERATED,
      databaseKey: secrets.databaseKey ? SET : GENERATED,
    },
    s3: s3 && { ...s3, accessKey: SET, secretKey: SET },
    smtp: smtp && { ...smtp, password: smtp.password && SET },
    metricsToken: metricsToken && SET,
    warnings,
  };
}

/** Options after the `?` may hold a password too. */
function withoutPassword(text: string): string {
  const { protocol, username, host, pathname } = new URL(text);
  return `${protocol}//${username && `${username}@`}${host}${pathname}`;
}
