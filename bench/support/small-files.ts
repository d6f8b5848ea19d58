import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Many small files, the same ones for every peer. */
export interface FileSet {
  readonly count: number;
  /** Number of the first file. */
  readonly first?: number;
  readonly content: (index: number) => Buffer;
}

export const FILES_PER_FOLDER = 1000;
const JSON_FIELDS = 40;

export function folderOf(index: number): string {
  return `part-${String(Math.floor(index / FILES_PER_FOLDER)).padStart(4, '0')}`;
}

export function pathOf(index: number): string {
  return `${folderOf(index)}/sample-${String(index).padStart(7, '0')}.json`;
}

/** About 2 KB, as a labelled sample looks; all different. */
export function jsonContent(index: number): Buffer {
  const random = randomNumbers(index);
  const fields = Array.from({ length: JSON_FIELDS }, (_, field) => {
    return `  "feature_${field}": { "score": ${random()}, "label": ${random() % 10} }`;
  });
  return Buffer.from(`{\n  "id": ${index},\n${fields.join(',\n')}\n}\n`);
}

/** A few bytes, all different: for repositories that are large by the number of their files. */
export function tinyContent(index: number): Buffer {
  return Buffer.from(`${index}\n`);
}

/** Writes the body of one commit of these files. */
export async function writeCommit(file: string, files: FileSet): Promise<void> {
  await pipeline(Readable.from(batched(commitLines(files))), createWriteStream(file));
}

/** Writes the same files as one commit for `git fast-import`. */
export async function writeFastImport(file: string, files: FileSet): Promise<void> {
  await pipeline(Readable.from(batched(fastImportLines(files))), createWriteStream(file));
}

export function commitHeader(summary: string): string {
  return `${JSON.stringify({ key: 'header', value: { summary, description: '' } })}\n`;
}

export function commitFile(path: string, content: Buffer): string {
  const value = { path, content: content.toString('base64'), encoding: 'base64' };
  return `${JSON.stringify({ key: 'file', value })}\n`;
}

export function fastImportHeader(parent?: string): string {
  const from = parent ? `from ${parent}\n` : '';
  return `commit refs/heads/main\ncommitter Bench <bench@example.org> now\ndata 4\nAdd\n${from}`;
}

export function fastImportFile(path: string, content: Buffer): string {
  return `M 100644 inline ${path}\ndata ${content.length}\n${content.toString()}\n`;
}

function* commitLines({ count, first = 0, content }: FileSet): Generator<string> {
  yield commitHeader('Add samples');
  for (let index = first; index < first + count; index++) yield commitFile(pathOf(index), content(index));
}

function* fastImportLines({ count, first = 0, content }: FileSet): Generator<string> {
  yield fastImportHeader();
  for (let index = first; index < first + count; index++) yield fastImportFile(pathOf(index), content(index));
}

/** Joins short texts to pieces that are worth a write. */
function* batched(texts: Iterable<string>): Generator<string> {
  let batch = '';
  for (const text of texts) {
    batch += text;
    if (batch.length < 2 ** 18) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

/** The same numbers for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
