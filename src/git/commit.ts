import { decodeHeaders, encodeHeaders, HeaderReader } from './headers.ts';
import type { Header } from './headers.ts';
import type { Oid } from './oid.ts';
import { encodeSignature, parseSignature } from './signature.ts';
import type { Signature } from './signature.ts';

/** What a commit object says. The hub writes UTF-8 only; `parseCommit` also reads other encodings. */
export interface Commit {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Signature;
  readonly committer: Signature;
  /** Verbatim; by convention it ends in a line break (see `formatMessage`). */
  readonly message: string;
  /** Whatever follows `committer`, in order: `gpgsig`, `mergetag` and unknown ones. */
  readonly extraHeaders?: readonly Header[];
}

export interface ParsedCommit extends Commit {
  /** The encoding that the commit declared; the texts here are decoded already. */
  readonly encoding: string | null;
  readonly extraHeaders: readonly Header[];
}

/** The bytes of a commit object. @throws {BadRequest} for a NUL in a text or an impossible date. */
export function encodeCommit(commit: Commit): Buffer {
  const headers: Header[] = [
    { name: 'tree', value: commit.tree },
    ...commit.parents.map((parent) => ({ name: 'parent', value: parent })),
    { name: 'author', value: encodeSignature(commit.author) },
    { name: 'committer', value: encodeSignature(commit.committer) },
    ...(commit.extraHeaders ?? []),
  ];
  return encodeHeaders({ headers, message: commit.message });
}

/** @throws {MalformedObject} when a mandatory line is missing or out of order. */
export function parseCommit(bytes: Buffer): ParsedCommit {
  const { headers, message } = decodeHeaders(bytes);
  const reader = new HeaderReader(headers);
  const tree = reader.needOid('tree');
  const parents = takeParents(reader);
  const author = parseSignature(reader.need('author'));
  const committer = parseSignature(reader.need('committer'));
  const rest = reader.rest();
  return {
    tree,
    parents,
    author,
    committer,
    message,
    encoding: rest.find((header) => header.name === 'encoding')?.value ?? null,
    extraHeaders: rest.filter((header) => header.name !== 'encoding'),
  };
}

/** The first line of a message and the text after it, both trimmed: Git's subject and body. */
export function splitMessage(message: string): { title: string; body: string } {
  const text = message.replace(/^\s+/, '');
  const end = text.indexOf('\n');
  if (end < 0) return { title: text.trimEnd(), body: '' };
  return { title: text.slice(0, end).trimEnd(), body: text.slice(end + 1).trim() };
}

/** A message in Git's conventional form: title, empty line, body, one line break at the end. NULs are dropped. */
export function formatMessage(title: string, body = ''): string {
  const cleanTitle = title.replaceAll('\0', '').replaceAll(/\s+/g, ' ').trim();
  const cleanBody = body.replaceAll('\0', '').replaceAll('\r\n', '\n').trim();
  return cleanBody === '' ? `${cleanTitle}\n` : `${cleanTitle}\n\n${cleanBody}\n`;
}

function takeParents(reader: HeaderReader): Oid[] {
  const parents: Oid[] = [];
  let parent = reader.takeOid('parent');
  while (parent !== undefined) {
    parents.push(parent);
    parent = reader.takeOid('parent');
  }
  return parents;
}
