import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ShortPath {
  readonly path: string;
  /** Removes what was made for the short name; the directory itself stays. */
  readonly release: () => void;
}

/**
 * A name of a directory with at most `maxBytes` bytes: its own, or a symbolic link in a private temporary directory.
 * Socket addresses need it: they hold 107 bytes on Linux and 103 on macOS.
 */
export function shortPath(dir: string, maxBytes: number): ShortPath {
  if (Buffer.byteLength(dir) <= maxBytes) return { path: dir, release: () => {} };
  const holder = mkdtempSync(join(tmpdir(), 'kohaku-hub-'));
  const path = join(holder, 'd');
  symlinkSync(dir, path);
  return { path, release: () => rmSync(holder, { recursive: true, force: true }) };
}
