import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from './config.ts';
import { writeFileAtomically } from './lib/atomic-file.ts';
import { hasErrorCode } from './lib/error-code.ts';
import { StartError } from './lib/start-error.ts';

export interface Secrets {
  /** Signs what the hub hands out and takes back: storage URLs, cookies. At least 32 bytes. */
  readonly session: Buffer;
  /** Encrypts what the database must give back in clear, such as tokens of other hubs: 32 bytes. */
  readonly databaseKey: Buffer;
}

const FileContent = z.object({
  session: z.string().min(32),
  databaseKey: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * The configured secrets. What is not configured comes from `<data>/secrets.json` (mode 0600), which is made at the
 * first start. Losing that file makes encrypted columns unreadable, so it belongs in every backup.
 * Call it while holding the lock of the data directory.
 *
 * @throws {StartError} when the file is damaged; it is never replaced.
 */
export async function loadSecrets(config: Config): Promise<Secrets> {
  const { session, databaseKey } = config.secrets;
  if (session !== null && databaseKey !== null) return asBytes({ session, databaseKey });
  const file = join(config.dataDir, 'secrets.json');
  const stored = (await readSecrets(file)) ?? (await makeSecrets(file));
  return asBytes({ session: session ?? stored.session, databaseKey: databaseKey ?? stored.databaseKey });
}

function asBytes({ session, databaseKey }: z.output<typeof FileContent>): Secrets {
  return { session: Buffer.from(session), databaseKey: Buffer.from(databaseKey, 'hex') };
}

async function readSecrets(file: string): Promise<z.output<typeof FileContent> | null> {
  try {
    return FileContent.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    // No cause: its message quotes the content.
    throw new StartError(
      `${file} is damaged. Restore it from a backup: without it, encrypted columns of the database cannot be read.`,
    );
  }
}

async function makeSecrets(file: string): Promise<z.output<typeof FileContent>> {
  const made = {
    session: randomBytes(32).toString('base64url'),
    databaseKey: randomBytes(32).toString('hex'),
  };
  await writeFileAtomically(file, `${JSON.stringify(made, null, 2)}\n`, 0o600);
  return made;
}
