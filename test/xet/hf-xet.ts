import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'hf_xet_cli.py');

/** Asks hf_xet for the file hashes of these paths. */
export function hashFiles(paths: readonly string[]): string[] {
  return JSON.parse(runPython(['hash', ...paths])) as string[];
}

/** What hf_xet would send to a server. */
export interface Upload {
  readonly shards: readonly Buffer[];
  /** Where the xorbs lie, by their hash. */
  readonly xorbs: ReadonlyMap<string, string>;
}

/** Uploads files to a fresh store in `folder`. */
export function upload(paths: readonly string[], folder: string): Upload {
  mkdirSync(folder, { recursive: true });
  runPython(['upload', folder, ...paths], folder);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const shards = names.filter((name) => /shard-cache\/\w+\.mdb$/.test(name));
  const xorbs = names.flatMap((name) => {
    const [, hash] = /xorbs\/default\.(\w{64})$/.exec(name) ?? [];
    return hash ? [[hash, join(folder, name)] as const] : [];
  });
  return { shards: shards.map((name) => readFileSync(join(folder, name))), xorbs: new Map(xorbs) };
}

/** The shard that hf_xet makes of one file, uploaded to a fresh store in `folder`. */
export function shardOf(path: string, folder: string): Buffer {
  const { shards } = upload([path], folder);
  if (shards.length !== 1) throw new Error(`hf_xet made ${shards.length} shards of one file`);
  return shards[0]!;
}

function runPython(args: readonly string[], home = '/nonexistent'): string {
  const python = process.env['XET_PYTHON'];
  if (!python) throw new Error('XET_PYTHON is not set: run `npm run test:xet`, which installs hf_xet.');
  return execFileSync(python, [SCRIPT, ...args], {
    encoding: 'utf8',
    env: { HOME: home, HF_HOME: home, PATH: process.env['PATH'] },
    maxBuffer: 1 << 26,
  });
}
