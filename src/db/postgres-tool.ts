import { spawn } from 'node:child_process';
import { StartError } from '../lib/start-error.ts';
import type { PostgresIdentity } from './postgres-identity.ts';

/** Keeps the caller's `PG*` variables out and the messages in English; `initdb` needs a path to find `sh`. */
export const TOOL_ENV = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' };

const KEPT_OUTPUT_BYTES = 4096;

export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly identity: PostgresIdentity;
  readonly input?: string;
}

/**
 * Runs one of PostgreSQL's programs to its end and returns the last 4 KiB of its output.
 *
 * @throws {StartError} with that output when the program cannot run or fails.
 */
export function runTool({ command, args, cwd, identity, input }: ToolRun): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: TOOL_ENV, stdio: 'pipe', ...identity });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT_BYTES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // A program that ends before it has read its input is reported by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error) =>
      reject(new StartError(`${command} cannot run: ${error.message}`, { cause: error })),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output);
      return reject(new StartError(`${command} failed (${signal ?? `exit code ${code}`}): ${output.trim()}`));
    });
  });
}
