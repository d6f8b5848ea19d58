import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { BadRequest, DomainError, PayloadTooLarge } from '../../src/domain/errors.ts';
import type { CommitOperation } from '../../src/domain/version/commit-request.ts';
import { parseFolderPath, parseRepoPath } from '../../src/git/path.ts';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { decodeBase64 } from '../../src/lib/base64.ts';
import { CUT, cutContent, decodeLargeBase64 } from './large-content.ts';
import { type Line, splitLines } from './lines.ts';
import { parse } from './parse.ts';

export interface CommitHeader {
  readonly title: string;
  readonly description: string;
  readonly parentCommit: string | null;
}

/** A commit as it arrives: the first line, and the others one by one as they are asked for. */
export interface CommitBody {
  readonly header: CommitHeader;
  readonly operations: AsyncGenerator<CommitOperation, void, undefined>;
}

export interface CommitLimits {
  /** Largest file that may travel inside the commit. */
  readonly regularFileBytes: number;
}

const MAX_HEADER_LINE_BYTES = 1024 * 1024;
/** Key, path and punctuation around the content of a file. */
const FILE_LINE_SLACK_BYTES = 64 * 1024;

/**
 * Reads the body of huggingface_hub's `create_commit`: one JSON object per line, the header first. Each line is read
 * when the one before it has been taken, and no more than one is held.
 * @throws {BadRequest} naming the line. @throws {InvalidPath} @throws {PayloadTooLarge}
 */
export async function readCommitBody(
  chunks: AsyncIterable<Uint8Array>,
  limits: CommitLimits,
): Promise<CommitBody> {
  const lineBytes = Math.ceil(limits.regularFileBytes / 3) * 4 + FILE_LINE_SLACK_BYTES;
  const lines = splitLines(chunks, { firstLineBytes: MAX_HEADER_LINE_BYTES, lineBytes });
  const first = await lines.next();
  if (first.done) throw new BadRequest('The commit is empty. Its first line must be the header.');
  return { header: onLine(first.value, readHeader), operations: readOperations(lines, limits) };
}

async function* readOperations(
  lines: AsyncIterable<Line>,
  limits: CommitLimits,
): AsyncGenerator<CommitOperation, void, undefined> {
  for await (const line of lines) {
    if (line.bytes.length === 0 || line.bytes.equals(CARRIAGE_RETURN)) continue;
    yield (await readLargeFile(line, limits)) ?? onLine(line, (entry) => readOperation(entry, limits));
  }
}

/** Parsing a line of this size takes about a millisecond. */
const LARGE_LINE_BYTES = 256 * 1024;

/** The short way for a line that is nearly all base64. Null for any other line. */
async function readLargeFile(line: Line, limits: CommitLimits): Promise<CommitOperation | null> {
  const cut = line.bytes.length < LARGE_LINE_BYTES ? null : cutContent(line.bytes);
  if (!cut) return null;
  const entry = onLine({ number: line.number, bytes: cut.rest }, (parsed) => parsed);
  const { content, encoding } = entry.value;
  if (entry.key !== 'file' || content !== CUT || encoding !== 'base64') return null;
  const bytes = await decodeLargeBase64(cut.content);
  return atLine(line, () => toFile(parse(File, entry.value), bytes, limits));
}

const CARRIAGE_RETURN = Buffer.from('\r');

const Entry = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
type Entry = z.output<typeof Entry>;

const Header = z.object({
  summary: z.string().trim().min(1),
  description: z.string().nullish(),
  parentCommit: z
    .string()
    .regex(/^[0-9A-Fa-f]{5,40}$/, 'must be 5 to 40 hexadecimal digits')
    .nullish(),
});

const File = z.object({ path: z.string(), content: z.string(), encoding: z.enum(['base64', 'utf-8']) });
const LfsFile = z.object({
  path: z.string(),
  oid: z.string().toLowerCase(),
  algo: z.literal('sha256').default('sha256'),
  size: z.int().min(0).nullish(),
});
const Deleted = z.object({ path: z.string() });
const Copied = z.object({ path: z.string(), srcPath: z.string(), srcRevision: z.string().nullish() });

function readHeader(entry: Entry): CommitHeader {
  if (entry.key !== 'header') throw new BadRequest('the first line of a commit must have the key "header".');
  const { summary, description, parentCommit } = parse(Header, entry.value);
  return {
    title: summary,
    description: description ?? '',
    parentCommit: parentCommit?.toLowerCase() ?? null,
  };
}

function readOperation({ key, value }: Entry, limits: CommitLimits): CommitOperation {
  switch (key) {
    case 'file':
      return readFile(value, limits);
    case 'lfsFile': {
      const { path, oid, size } = parse(LfsFile, value);
      return { kind: key, path: parseRepoPath(path), sha256: parseSha256(oid), sizeBytes: size ?? null };
    }
    case 'deletedFile':
      return { kind: 'deleteFile', path: parseFolderPath(parse(Deleted, value).path) };
    case 'deletedFolder':
      return { kind: 'deleteFolder', path: parseFolderPath(parse(Deleted, value).path) };
    case 'copyFile': {
      const { path, srcPath, srcRevision } = parse(Copied, value);
      return {
        kind: key,
        path: parseRepoPath(path),
        sourcePath: parseRepoPath(srcPath),
        sourceRevision: srcRevision ?? null,
      };
    }
    default:
      throw new BadRequest(
        'key must be file, lfsFile, deletedFile, deletedFolder or copyFile; the header stands only on the first line.',
      );
  }
}

function readFile(value: Entry['value'], limits: CommitLimits): CommitOperation {
  const file = parse(File, value);
  const { content, encoding } = file;
  return toFile(file, encoding === 'base64' ? decodeBase64(content) : encodeText(content), limits);
}

function toFile(
  { path, encoding }: z.output<typeof File>,
  bytes: Buffer | null,
  { regularFileBytes }: CommitLimits,
): CommitOperation {
  if (!bytes) throw new BadRequest(`content is not valid ${encoding}.`);
  if (bytes.length > regularFileBytes) {
    throw new PayloadTooLarge(
      `the file is larger than ${regularFileBytes} bytes. Upload it with Git LFS and commit it as an lfsFile.`,
    );
  }
  return { kind: 'file', path: parseRepoPath(path), bytes };
}

function encodeText(text: string): Buffer | null {
  return text.isWellFormed() ? Buffer.from(text, 'utf8') : null;
}

/** Parses one line; errors say which one it was. */
function onLine<T>(line: Line, read: (entry: Entry) => T): T {
  return atLine(line, () => read(parse(Entry, parseJson(line.bytes))));
}

function atLine<T>({ number }: Line, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DomainError) error.message = `Line ${number}: ${error.message}`;
    throw error;
  }
}

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new BadRequest('is not valid UTF-8.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new BadRequest('is not valid JSON.');
  }
}
