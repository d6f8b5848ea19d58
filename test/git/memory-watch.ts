import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const STEP_MS = 50;

/** Looks again and again at how much memory a process and all below it hold. */
export class MemoryWatch {
  /** The most that they held at one moment. The program that they share counts once. */
  peakBytes = 0;
  /** By process, at that moment. */
  peak: readonly string[] = [];
  readonly #over = new AbortController();
  readonly #looking: Promise<void>;

  private constructor(pid: number) {
    this.#looking = this.look(pid);
  }

  static of(pid: number): MemoryWatch {
    return new MemoryWatch(pid);
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#looking;
  }

  private async look(pid: number): Promise<void> {
    while (!this.#over.signal.aborted) {
      const held = await heldBelow(pid);
      const bytes = held.reduce(
        (sum, one) => sum + one.ownBytes,
        Math.max(...held.map((one) => one.fileBytes)),
      );
      if (bytes > this.peakBytes) {
        this.peakBytes = bytes;
        this.peak = held.map((one) => `${one.name}: ${one.ownBytes} + ${one.fileBytes}`);
      }
      await delay(STEP_MS);
    }
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** What no other process can share. */
  readonly ownBytes: number;
  /** Of mapped files, above all the program itself. */
  readonly fileBytes: number;
}

/** The process and its descendants. */
async function heldBelow(pid: number): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(readProcess))).flatMap((one) => one ?? []);
  const found = all.filter((one) => one.pid === pid);
  // It grows while it is walked.
  for (const { pid: parent } of found) found.push(...all.filter((one) => one.parent === parent));
  return found;
}

/** Null when it has ended. */
async function readProcess(pid: number): Promise<Process | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '';
  if (status === '') return null;
  // Zombies have no memory.
  const bytes = (name: string): number => Number(field(name)) * 1024;
  return {
    pid,
    parent: Number(field('PPid')),
    name: field('Name'),
    ownBytes: bytes('RssAnon') + bytes('RssShmem'),
    fileBytes: bytes('RssFile'),
  };
}
