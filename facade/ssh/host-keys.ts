import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { writeFileAtomically } from '../../src/lib/atomic-file.ts';
import { hasErrorCode } from '../../src/lib/error-code.ts';
import { StartError } from '../../src/lib/start-error.ts';
import { makeEcdsaKey, makeEd25519Key } from './make-keys.ts';
import { sshFingerprint } from '../../src/domain/auth/ssh-public-key.ts';

/** A key by which clients know the hub again. */
export interface HostKey {
  readonly key: ParsedKey;
  /** As `ssh` prints it: `SHA256:…`. */
  readonly fingerprint: string;
}

interface HostKeyOptions {
  readonly dataDir: string;
  /** Private keys in files; null for those of the data directory. */
  readonly files: readonly string[] | null;
}

/** Names as sshd uses them. Ed25519 comes first, so that clients that know it take it. */
const GENERATED = [
  { name: 'ssh_host_ed25519_key', make: makeEd25519Key },
  { name: 'ssh_host_ecdsa_key', make: makeEcdsaKey },
] as const;

/**
 * The keys of the hub. Those that are not configured are made at the first start in `<data>/ssh` (mode 0600); nodes that clients reach
 * by one name need the same ones. Call it while holding the lock of the data directory.
 *
 * @throws {StartError} a file is missing or holds no private key; none is ever replaced.
 */
export async function loadHostKeys({ dataDir, files }: HostKeyOptions): Promise<HostKey[]> {
  if (files) return Promise.all(files.map(async (file) => parseKey(file, await readConfigured(file))));
  const directory = join(dataDir, 'ssh');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys: HostKey[] = [];
  for (const { name, make } of GENERATED) {
    const file = join(directory, name);
    keys.push(parseKey(file, (await readStored(file)) ?? (await store(file, make()))));
  }
  return keys;
}

async function readConfigured(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new StartError(
      `The key ${file} of KOHAKU_HUB_SSH_HOST_KEYS cannot be read: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

async function readStored(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function store(file: string, text: string): Promise<string> {
  await writeFileAtomically(file, text, 0o600);
  return text;
}

function parseKey(file: string, text: string): HostKey {
  const parsed = ssh2.utils.parseKey(text);
  // No cause: it might quote the content.
  if (parsed instanceof Error || !parsed.isPrivateKey()) {
    throw new StartError(
      `${file} is not a private key for SSH: it must have OpenSSH's format and no passphrase, as "ssh-keygen -t ed25519 -N ''" makes it. ` +
        'Clients know the hub by this key, so restore it from a backup rather than making another one.',
    );
  }
  return { key: parsed, fingerprint: sshFingerprint(parsed.getPublicSSH()) };
}
