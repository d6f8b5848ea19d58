import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLargeFiles } from '../../src/domain/git/push-large-files.ts';
import { hashObject } from '../../src/git/object.ts';
import { scanPack, type ScannedEntry } from '../../src/git/pack-scan.ts';
import { ScratchRepo } from './git.ts';

const MIB = 2 ** 20;

/** Text in which no two lines are the same, with one line changed. */
function textOf(sizeBytes: number, changed: number): Buffer {
  const line = 64;
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0, i = 0; at < sizeBytes; at += line, i++) {
    const number = i === changed ? `changed ${i}` : `${i * 7919}`;
    bytes.write(`${number.padEnd(line - 1, '.')}\n`, at, 'latin1');
  }
  return bytes;
}

/** A history in which a file is there in two versions, beside others. */
function history(repo: ScratchRepo, path: string, versions: readonly Buffer[]): string {
  const commits = versions.map((bytes, i) => [
    Buffer.from(
      `commit refs/heads/main\ncommitter A <a@example.org> ${1_700_000_000 + i} +0000\ndata 1\nm\n` +
        `M 100644 inline small.txt\ndata 5\nv${i}xx\n\nM 100644 inline ${path}\ndata ${bytes.length}\n`,
    ),
    bytes,
    Buffer.from('\n'),
  ]);
  repo.git(['fast-import', '--quiet'], Buffer.concat(commits.flat()));
  return repo.git(['rev-parse', 'main']).toString().trim();
}

function packOf(repo: ScratchRepo, ...args: readonly string[]): string {
  const file = join(repo.dir, 'sent.pack');
  const sent = ['pack-objects', '--revs', '--stdout', '-q', '--window=10', ...args];
  writeFileSync(file, repo.git(['-c', 'core.bigFileThreshold=1g', ...sent], 'main\n'));
  return file;
}

async function all(path: string): Promise<ScannedEntry[]> {
  const entries: ScannedEntry[] = [];
  for await (const entry of scanPack(path)) entries.push(entry);
  return entries;
}

describe('a pack without an idx', () => {
  it.for([['--delta-base-offset'], []])('is read to its end: %j', { timeout: 60_000 }, async (args) => {
    using repo = new ScratchRepo();
    const versions = [textOf(3 * MIB, 5), textOf(3 * MIB, 9000)];
    history(repo, 'dir/large.txt', versions);
    const file = packOf(repo, ...args);
    const entries = await all(file);
    const known = repo
      .git(['cat-file', '--batch-all-objects', '--batch-check=%(objecttype) %(objectsize)'])
      .toString();
    const sizes = entries.map(({ sizeBytes }) => sizeBytes).toSorted((a, b) => a - b);
    expect(sizes).toEqual(
      known
        .trim()
        .split('\n')
        .map((line) => Number(line.split(' ')[1]))
        .toSorted((a, b) => a - b),
    );
    // One version is whole, and the other what differs.
    const large = entries.filter(({ sizeBytes }) => sizeBytes === 3 * MIB);
    const ids = versions.map((bytes) => hashObject('blob', bytes));
    expect(large.map(({ oid }) => oid)).toEqual([expect.toBeOneOf(ids), null]);
    expect(large.map(({ type }) => type)).toEqual(['blob', args.length > 0 ? 'blob' : null]);
    for (const { type, oid, bytes } of entries.filter((entry) => entry.bytes))
      expect(hashObject(type!, bytes!)).toBe(oid);
  });

  it('names what is too large, by its path', { timeout: 60_000 }, async () => {
    using repo = new ScratchRepo();
    history(repo, 'dir/sub/large.txt', [textOf(3 * MIB, 5), textOf(3 * MIB, 9000)]);
    const packPath = packOf(repo);
    expect(await findLargeFiles({ packPath, fileBytes: 2 * MIB })).toEqual({
      names: ['dir/sub/large.txt', `a version of ${3 * MIB} bytes`],
      isWhole: expect.any(Boolean),
    });
    expect(await findLargeFiles({ packPath, fileBytes: 3 * MIB })).toEqual({ names: [], isWhole: true });
  });

  it('is read as far as it goes', { timeout: 60_000 }, async () => {
    using repo = new ScratchRepo();
    history(repo, 'large.txt', [textOf(3 * MIB, 5), textOf(3 * MIB, 9000)]);
    const packPath = packOf(repo);
    const whole = (await all(packPath)).length;
    const bytes = readFileSync(packPath);
    for (const end of [0, 5, 12, 13, 30, 200, 1000, bytes.length - 200_000, bytes.length - 21]) {
      writeFileSync(packPath, bytes.subarray(0, end));
      expect((await all(packPath)).length).toBeLessThanOrEqual(whole);
    }
    writeFileSync(packPath, bytes.subarray(0, bytes.length - 200_000));
    expect((await findLargeFiles({ packPath, fileBytes: 2 * MIB })).names).toHaveLength(1);
    expect(await findLargeFiles({ packPath, fileBytes: 9 * MIB })).toEqual({ names: [], isWhole: false });
    const noise = Buffer.from(bytes);
    for (let at = 12; at < noise.length; at += 97) noise[at]! ^= 0x5a;
    writeFileSync(packPath, noise);
    expect((await all(packPath)).length).toBeLessThan(whole);
  });
});
