import * as fc from 'fast-check';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashObject } from '../../src/git/object.ts';
import type { Oid } from '../../src/git/oid.ts';
import { patchHeader } from '../../src/git/patch-header.ts';
import { isBinary, unifiedHunks } from '../../src/git/unified-diff.ts';

/** Few different lines, so that sides share many; all ends that files have. */
const line = fc.constantFrom(
  '',
  'a',
  'b',
  'c',
  'same',
  '\r',
  'a\r',
  ' ',
  '-',
  '+ plus',
  '\\ slash',
  '\u{e9}',
  '@@ -1 +1 @@',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 60 }), fc.constantFrom('\n', ''))
  .map(([lines, end]) => Buffer.from(lines.join('\n') + (lines.length > 0 ? end : '')));
/** Longer texts of which a few lines differ. */
const edited = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.array(fc.tuple(fc.nat(400), line), { maxLength: 8 }))
  .map(([count, edits]) => {
    const before = Array.from({ length: count }, (_, index) => `line ${index % 50}`);
    const after = before.flatMap((old, index) => edits.find(([at]) => at === index)?.[1] ?? old);
    return [Buffer.from(`${before.join('\n')}\n`), Buffer.from(after.join('\n'))] as const;
  });
const bytes = fc.uint8Array({ maxLength: 200, min: 1 }).map((array) => Buffer.from(array));

const SAFE_PATH = 'folder/a file';

const sides = fc.oneof(fc.tuple(text, text), edited, fc.tuple(bytes, bytes));

describe('unifiedHunks', () => {
  it('is what git apply makes the other side of', () => {
    using folder = new WorkFolder();
    fc.assert(
      fc.property(sides, ([before, after]) => {
        expect(folder.gitApply(SAFE_PATH, before, after).equals(after)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('is what patch makes the other side of', () => {
    using folder = new WorkFolder();
    fc.assert(
      fc.property(sides, ([before, after]) => {
        expect(folder.patch(before, after).equals(after)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('adds and deletes as many lines as git diff --minimal', () => {
    using folder = new WorkFolder();
    fc.assert(
      fc.property(fc.oneof(fc.tuple(text, text), edited), ([before, after]) => {
        const { addedLines, deletedLines } = unifiedHunks(before, after, 10_000);
        expect(`${addedLines}\t${deletedLines}`).toBe(folder.numstat(before, after));
      }),
      { numRuns: 150 },
    );
  });

  it('calls binary what git calls binary', () => {
    using folder = new WorkFolder();
    const texts = [
      Buffer.alloc(9000, 'a'),
      Buffer.alloc(9000, 'a'),
      Buffer.from('a\0'),
      Buffer.from([0xff, 0xfe]),
    ];
    texts[0]![7999] = 0;
    texts[1]![8000] = 0;
    for (const content of texts) {
      expect(isBinary(content)).toBe(folder.numstat(Buffer.from('other\n'), content).startsWith('-'));
    }
  });
});

describe('patchHeader', () => {
  it.for(['a', 'a b', 'd/é', 'quo"te', 'back\\slash', 'tab\tnew\nline', '\u{7f}', 'a\u{dcff}b', ' ', 'x/ y'])(
    'names %j so that git apply finds it',
    (path) => {
      using folder = new WorkFolder();
      const [before, after] = [Buffer.from('one\n'), Buffer.from('two\n')];
      expect(folder.gitApply(path, before, after).equals(after)).toBe(true);
    },
  );
});

/** A folder in which git and patch apply what the hub wrote. */
class WorkFolder implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'hub-diff-'));

  constructor() {
    this.run('git', ['init', '--quiet', '.']);
  }

  /** What `before` is after `git apply`. */
  gitApply(path: string, before: Buffer, after: Buffer): Buffer {
    const file = this.write(path, before);
    const { text } = unifiedHunks(before, after, 10_000);
    if (text.length === 0) return readFileSync(file);
    const header = patchHeader(
      { oldPath: path, newPath: path, before: stateOf(before), after: stateOf(after) },
      'hunks',
    );
    this.run('git', ['apply', '--whitespace=nowarn', '-'], Buffer.concat([header, text]));
    return readFileSync(file);
  }

  patch(before: Buffer, after: Buffer): Buffer {
    const file = this.write('plain', before);
    const { text } = unifiedHunks(before, after, 10_000);
    if (text.length > 0) {
      const header = Buffer.from('--- plain\n+++ plain\n');
      this.run('patch', ['--quiet', '--binary', '--fuzz=0', 'plain'], Buffer.concat([header, text]));
    }
    return readFileSync(file);
  }

  numstat(before: Buffer, after: Buffer): string {
    this.write('b', before);
    this.write('a', after);
    const line = this.run(
      'git',
      ['diff', '--no-index', '--numstat', '--minimal', 'b', 'a'],
      undefined,
      [0, 1],
    ).toString();
    return line === '' ? '0\t0' : line.split('\t').slice(0, 2).join('\t');
  }

  private write(path: string, content: Buffer): Buffer {
    const file = Buffer.concat([Buffer.from(`${this.#dir}/`), bytesOf(path)]);
    mkdirSync(file.subarray(0, file.lastIndexOf('/')), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  private run(command: string, args: readonly string[], input?: Buffer, codes = [0]): Buffer {
    try {
      return execFileSync(command, args, {
        cwd: this.#dir,
        input,
        env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: Buffer; stderr: Buffer };
      if (codes.includes(status)) return stdout;
      throw new Error(`${command} ${args.join(' ')}: ${stderr?.toString()}`, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** File names are bytes; a lone surrogate stands for one that is not UTF-8. */
function bytesOf(path: string): Buffer {
  return Buffer.concat(
    Array.from(path, (char) =>
      char.isWellFormed() ? Buffer.from(char) : Buffer.of(char.charCodeAt(0) - 0xdc00),
    ),
  );
}

function stateOf(content: Buffer): { mode: '100644'; oid: Oid } {
  return { mode: '100644', oid: hashObject('blob', content) };
}
