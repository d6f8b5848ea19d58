import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'hf_xet_cli.py');

/** Asks hf_xet for the file hashes of these paths. */
export function hashFiles(paths: readonly string[]): string[] {
  return JSON.parse(runPython(['hash', ...paths])) as string[];
}

/** The shard that hf_xet makes of one file, uploaded to a fresh store in `folder`. */
export function shardOf(path: string, folder: string): Buffer {
  mkdirSync(folder, { recursive: true });
  runPython(['upload', folder, path], folder);
  const shards = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /shard-cache\/\w+\.mdb$/.test(name),
  );
  if (shards.length !== 1) throw new Error(`hf_xet made ${shards.length} shards of one file`);
  return readFileSync(join(folder, shards[0]!));
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
