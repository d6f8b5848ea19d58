import { isUtf8 } from 'node:buffer';
import { copyHex, copyText } from '../../db/copy-text.ts';
import { LineReader } from '../../git/batch-output.ts';
import { isOid, type Oid } from '../../git/oid.ts';
import { MAX_PATH_BYTES, MAX_PATH_SEGMENTS } from '../../git/path.ts';
import type { RowFile } from '../../lib/row-file.ts';
import { IN_PARTS, pathTooLong } from './push-listing.ts';
import { framed, PushRefused } from './push-report.ts';

/** More rows than this are too much for one transaction. It also ends the walk through trees that are folded like paper. */
const MAX_CHANGES = 1_000_000;
const SLASH = 0x2f;
const COLON = 0x3a;
/** What the index of the rows can hold. Changes of longer paths are found by comparing trees. */
const MAX_STORED_PATH_BYTES = 2000;

/**
 * Arguments of `git diff-tree` for `ChangeReader`: from commits on its input, the paths that each one changed, folders too; of merges
 * those that differ from all parents.
 */
export const DIFF_TREE_ARGS = [
  'diff-tree',
  '--stdin',
  '--root',
  '-r',
  '-t',
  '-c',
  '--raw',
  '-z',
  '--no-abbrev',
  '--no-renames',
  '--always',
] as const;

/** Gets rows for COPY. */
interface RowSink {
  add(row: string): void;
}

export interface ChangeRowsInput<Sink extends RowSink = RowSink> {
  readonly storeId: number;
  /** See `PushedRows`. */
  readonly changes: Sink;
  readonly files: Sink;
}

/** Writes rows of changed paths. */
export class ChangeRows {
  readonly #input: ChangeRowsInput;
  #commitCell = '';
  #generation = 0;
  #count = 0;

  constructor(input: ChangeRowsInput) {
    this.#input = input;
  }

  /** What follows was changed by this commit. */
  begin(commit: Oid, generation: number): void {
    this.#commitCell = copyHex(commit);
    this.#generation = generation;
  }

  /** @param blob of the file that is there now; null for a folder and for what is gone. @throws {PushRefused} */
  add(path: Buffer, blob: Oid | null): void {
    if (++this.#count > MAX_CHANGES) throw tooManyChanges();
    refuseLong(path);
    // A name that PostgreSQL cannot hold as text has no row; its last change is found by comparing trees.
    if (path.length > MAX_STORED_PATH_BYTES || !isUtf8(path)) return;
    const { storeId, changes, files } = this.#input;
    const slash = path.lastIndexOf(SLASH);
    const dir = copyText(path.toString('utf8', 0, Math.max(slash, 0)));
    const name = copyText(path.toString('utf8', slash + 1));
    const commit = this.#commitCell;
    changes.add(`${storeId}\t${dir}\t${name}\t${this.#generation}\t${commit}\n`);
    if (blob) files.add(`${commit}\t${dir}\t${name}\t${copyHex(blob)}\n`);
  }
}

export interface ChangeReaderInput extends ChangeRowsInput<RowFile> {
  /** Of each new commit. */
  readonly generations: ReadonlyMap<Oid, number>;
}

/** Reads the output of `git diff-tree` and writes rows of changed paths. */
export class ChangeReader {
  readonly #generations: ReadonlyMap<Oid, number>;
  readonly #rows: ChangeRows;
  readonly #tokens = new LineReader(0);
  /** Of the path that comes next; null of a folder or a file that is gone, and undefined where no path is next. */
  #blob: Oid | null | undefined;

  constructor(input: ChangeReaderInput) {
    this.#generations = input.generations;
    this.#rows = new ChangeRows(input);
  }

  /** @throws {PushRefused} too many paths, or one that is too long. */
  push(chunk: Buffer): void {
    for (const token of this.#tokens.push(chunk)) this.take(token);
  }

  private take(token: Buffer): void {
    if (this.#blob !== undefined) {
      const blob = this.#blob;
      this.#blob = undefined;
      this.#rows.add(token, blob);
      return;
    }
    if (token[0] === COLON) {
      this.#blob = blobOf(token.toString('latin1'));
      return;
    }
    const oid = token.toString('latin1');
    if (!isOid(oid)) throw new Error(`git diff-tree said ${oid.slice(0, 200)}`);
    const generation = this.#generations.get(oid);
    if (generation === undefined)
      throw new Error(`git diff-tree named the commit ${oid}, which was not listed`);
    this.#rows.begin(oid, generation);
  }
}

export function tooManyChanges(): PushRefused {
  return new PushRefused(
    framed([`Your push was rejected because its commits change more than ${MAX_CHANGES} paths.`, IN_PARTS]),
  );
}

/** `:<modes> <ids> <letters>`, with one colon, mode and id for each parent, and at last those of the commit itself. */
function blobOf(raw: string): Oid | null {
  const parents = raw.lastIndexOf(':') + 1;
  const fields = raw.slice(parents).split(' ');
  const mode = fields[parents] ?? '';
  const oid = fields[2 * parents + 1] ?? '';
  const isBlob = mode.startsWith('100') || mode === '120000';
  return isBlob && isOid(oid) ? oid : null;
}

function refuseLong(path: Buffer): void {
  if (path.length <= MAX_PATH_BYTES && levelsOf(path) <= MAX_PATH_SEGMENTS) return;
  throw pathTooLong(path);
}

function levelsOf(path: Buffer): number {
  let levels = 1;
  for (let at = path.indexOf(SLASH); at >= 0; at = path.indexOf(SLASH, at + 1)) levels++;
  return levels;
}
