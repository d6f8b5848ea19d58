import type { TextDiff, TextPair } from '../../git/diff-pool.ts';
import type { Oid } from '../../git/oid.ts';
import { patchHeader } from '../../git/patch-header.ts';
import { SUBMODULE_MODE } from '../version/tree-walk.ts';
import type { HistoryShared } from './history-shared.ts';
import type { FileChange, FileDiff, FileState, NoText } from './values.ts';

/** Larger files are not compared line by line. */
const MAX_TEXT_BYTES = 1_000_000;
/** Contents that one page compares; a page has one file at least. */
const MAX_PAGE_BYTES = 2_000_000;
const READS_AT_ONCE = 8;

/** `omit` treats an LFS file as what it stands for, `pointer` as what Git has. */
export type LfsText = 'omit' | 'pointer';

export interface TextSource {
  readonly shared: HistoryShared;
  readonly storeId: number;
  readonly readBlob: (oid: Oid, limitBytes: number) => Promise<Buffer>;
}

/** The changes that fit on one page with their texts: at least the first one. */
export function fittingChanges(changes: readonly FileChange[], lfs: LfsText): readonly FileChange[] {
  let bytes = 0;
  const end = changes.findIndex((change, index) => {
    if (reasonWithoutText(change, lfs) === null) bytes += textBytes(change.before) + textBytes(change.after);
    return index > 0 && bytes > MAX_PAGE_BYTES;
  });
  return end < 0 ? changes : changes.slice(0, end);
}

/** Compares the texts of these files; what was compared before is remembered. */
export async function diffFiles(
  source: TextSource,
  changes: readonly FileChange[],
  lfs: LfsText,
): Promise<readonly FileDiff[]> {
  const { texts, diffs, slots } = source.shared;
  const wanted = new Map<string, FileChange>();
  const found = new Map<string, TextDiff>();
  for (const change of changes) {
    const key = textKey(source.storeId, change);
    const known = texts.get(key);
    if (known) found.set(key, known.diff);
    else if (!hasSameContent(change) && reasonWithoutText(change, lfs) === null) wanted.set(key, change);
  }
  if (wanted.size > 0) {
    await slots.run(async () => {
      const compared = await diffs.diff(await readPairs(source, [...wanted.values()]));
      for (const [index, key] of [...wanted.keys()].entries()) {
        found.set(key, compared[index]!);
        texts.set(key, { diff: compared[index]! });
      }
    });
  }
  return changes.map((change) => {
    const noText = reasonWithoutText(change, lfs);
    if (hasSameContent(change) && noText === null) return { ...change, ...NO_LINES, noText };
    const diff = noText === null ? found.get(textKey(source.storeId, change)) : null;
    if (!diff) return { ...change, ...NO_LINES, text: null, noText: noText ?? 'binary' };
    return { ...change, ...diff, noText: null };
  });
}

const NO_LINES = { text: new Uint8Array(), addedLines: 0, deletedLines: 0 };

/** Only the name or the mode differs. */
function hasSameContent({ before, after }: FileChange): boolean {
  return before?.oid === after?.oid;
}

/** The files as `git diff` writes them; `git apply` makes one side of the other, except for files without a text. */
export function toPatch(diff: FileDiff): Buffer {
  const { path, before, after } = diff;
  const file = { oldPath: diff.oldPath ?? path, newPath: path, before, after };
  const body = diff.text === null ? 'binary' : diff.text.length > 0 ? 'hunks' : 'nothing';
  return Buffer.concat([patchHeader(file, body), diff.text ?? Buffer.alloc(0)]);
}

/** The hunks under the two lines that name the file; empty when only name or mode changed, null when there is no text. */
export function unifiedText({ path, oldPath, text }: FileDiff): string | null {
  if (text === null) return null;
  if (text.length === 0) return '';
  const hunks = Buffer.from(text.buffer, text.byteOffset, text.length).toString('utf8');
  return `--- a/${oldPath ?? path}\n+++ b/${path}\n${hunks}`;
}

/** A file that became another kind of file is two changes in a patch. */
export function splitKinds(change: FileChange): readonly FileChange[] {
  const { before, after } = change;
  if (!before || !after || before.mode.slice(0, 3) === after.mode.slice(0, 3)) return [change];
  return [
    { ...change, kind: 'deleted', after: null },
    { ...change, kind: 'added', before: null },
  ];
}

function reasonWithoutText(change: FileChange, lfs: LfsText): NoText | null {
  const { before, after } = change;
  const states = [before, after].filter((state) => state !== null);
  if (lfs === 'omit' && states.some((state) => state.lfs)) return 'lfs';
  if (lfs === 'omit' && states.some((state) => state.mode === SUBMODULE_MODE)) return 'submodule';
  if (hasSameContent(change)) return null;
  return states.some((state) => textBytes(state) > MAX_TEXT_BYTES) ? 'too-large' : null;
}

/** Bytes of the file as Git has it. */
function textBytes(state: FileState | null): number {
  return state?.lfs?.pointerSizeBytes ?? state?.sizeBytes ?? 0;
}

async function readPairs(source: TextSource, changes: readonly FileChange[]): Promise<readonly TextPair[]> {
  const pairs: TextPair[] = [];
  for (let start = 0; start < changes.length; start += READS_AT_ONCE) {
    const part = changes.slice(start, start + READS_AT_ONCE);
    pairs.push(...(await Promise.all(part.map((change) => readPair(source, change)))));
  }
  return pairs;
}

async function readPair(source: TextSource, { before, after }: FileChange): Promise<TextPair> {
  const [old, now] = await Promise.all([readText(source, before), readText(source, after)]);
  return { before: old, after: now };
}

async function readText(source: TextSource, state: FileState | null): Promise<Uint8Array<ArrayBuffer>> {
  if (!state) return new Uint8Array();
  if (state.mode === SUBMODULE_MODE) return new TextEncoder().encode(`Subproject commit ${state.oid}\n`);
  return new Uint8Array(await source.readBlob(state.oid, MAX_TEXT_BYTES));
}

/** A missing side is the empty text: its id is left out. */
function textKey(storeId: number, { before, after }: FileChange): string {
  return `${storeId}:${before ? keyOf(before) : ''}:${after ? keyOf(after) : ''}`;
}

function keyOf({ mode, oid }: FileState): string {
  return mode === SUBMODULE_MODE ? `submodule ${oid}` : oid;
}
