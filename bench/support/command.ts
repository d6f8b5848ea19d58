import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';

const MAX_OUTPUT_BYTES = 256 * 2 ** 20;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program and returns what it printed. @throws with its messages when it fails. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { ...options, maxBuffer: MAX_OUTPUT_BYTES });
  return stdout;
}

/** Runs a program that reads a file as its standard input. @throws when it fails. */
export async function runReading(
  program: string,
  args: readonly string[],
  { input, ...options }: CommandOptions & { readonly input: string },
): Promise<void> {
  await using file = await open(input, 'r');
  const child = spawn(program, args, { ...options, stdio: [file.fd, 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

/** Ends a child and waits for its end. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** Programs that are not part of the project, and the Debian package that has each. */
const PACKAGES: Readonly<Record<string, string>> = {
  wrk: 'wrk',
  ab: 'apache2-utils',
  nginx: 'nginx',
  fcgiwrap: 'fcgiwrap',
  git: 'git',
  curl: 'curl',
  taskset: 'util-linux',
  python3: 'python3-venv',
};

/** @throws with what to install when a program is missing. */
export async function requirePrograms(): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(PACKAGES)) {
    await run('sh', ['-c', `command -v ${program}`]).catch(() => missing.push(name));
  }
  if (missing.length > 0) {
    throw new Error(`The benchmarks need more programs: apt-get install ${missing.join(' ')}`);
  }
}
