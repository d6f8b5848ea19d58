import { hash } from 'node:crypto';
import { copyHex, copyText } from '../../db/copy-text.ts';
import type { BatchHeader } from '../../git/batch-output.ts';
import { parseCommit, splitMessage } from '../../git/commit.ts';
import { type LfsPointer, parseLfsPointer } from '../../git/lfs-pointer.ts';
import { OBJECT_TYPE_CODE, type ObjectType } from '../../git/object.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import type { PackPlace } from '../../git/pack-index.ts';
import { MAX_SEGMENT_BYTES } from '../../git/path.ts';
import { parseTag } from '../../git/tag.ts';
import { decodeTree } from '../../git/tree.ts';
import { SyncRowFile, type WrittenRows } from '../../lib/row-file.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { INLINE_BLOB_BYTES, NO_FACTS, type ObjectFacts } from '../version/segment.ts';
import { listed, pathText, tooManyEntries } from './push-listing.ts';
import { framed, PushRefused } from './push-report.ts';

/** A pointer that a push brings. */
export interface PushedPointer extends LfsPointer {
  /** One of its paths, for messages. */
  readonly path: string;
}

/** What a tag object names. */
export interface TagTarget {
  readonly oid: Oid;
  readonly type: ObjectType;
}

export interface ContentInput {
  readonly storeId: number;
  /** In which the objects will lie. */
  readonly segmentId: number;
  /** Of each new commit. */
  readonly generations: ReadonlyMap<Oid, number>;
  /** Files for rows. */
  readonly objectRowsPath: string;
  readonly commitRowsPath: string;
  /** Whoever pushes, and addresses in lower case that are known to be his. */
  readonly userId: number;
  readonly userEmails: readonly string[];
}

/** What one object alone says, about all of them. */
export interface ContentResult {
  readonly tags: ReadonlyMap<Oid, TagTarget>;
  readonly pointers: readonly PushedPointer[];
  /** Rows of `git_object`; see `PushedRows`. */
  readonly objectRows: readonly WrittenRows[];
  /** Rows of `git_commit`. */
  readonly commitRows: readonly WrittenRows[];
  readonly blobBytes: number;
  /** Paths of folders with too many entries, and of folders with names that are too long. */
  readonly fullFolders: readonly string[];
  readonly longNames: readonly string[];
}

/** As in a commit by API. */
const MAX_ENTRIES = 10_000;
/** PostgreSQL knows no later ones. */
const MAX_DATE_MS = Date.UTC(270_000, 0);

/**
 * Whether the bytes of an object say anything about it. Those of larger files do not: they are inflated and hashed only when somebody
 * asks for them, which is most of the work of a push otherwise.
 */
export function isRead({ type, sizeBytes }: Pick<BatchHeader, 'type' | 'sizeBytes'>): boolean {
  return type !== 'blob' || sizeBytes <= INLINE_BLOB_BYTES;
}

/** Takes the new objects of a push, each once, writes their rows, and judges what can be judged by one object alone. */
export class ContentReader implements Disposable {
  readonly #tags = new Map<Oid, TagTarget>();
  /** By object; one path of each. */
  readonly #pointers = new Map<string, PushedPointer>();
  readonly #input: ContentInput;
  readonly #userEmails: ReadonlySet<string>;
  readonly #objectRows: SyncRowFile;
  readonly #commitRows: SyncRowFile;
  readonly #fullFolders: string[] = [];
  readonly #longNames: string[] = [];
  #blobBytes = 0;

  constructor(input: ContentInput) {
    this.#input = input;
    this.#userEmails = new Set(input.userEmails);
    this.#objectRows = new SyncRowFile(input.objectRowsPath);
    this.#commitRows = new SyncRowFile(input.commitRowsPath);
  }

  [Symbol.dispose](): void {
    this.#objectRows[Symbol.dispose]();
    this.#commitRows[Symbol.dispose]();
  }

  /** @param place in the segment. */
  take(header: BatchHeader, place: PackPlace, bytes: Buffer): void {
    if (header.type === 'blob') return this.takeBlob(header, place, bytes);
    if (header.type === 'tree') this.takeTree(header, bytes);
    else if (header.type === 'commit') this.takeCommit(header.oid, bytes);
    else {
      const { object, type } = parseTag(bytes);
      this.#tags.set(header.oid, { oid: object, type });
    }
    this.addRow(header, place, { data: bytes, sha256: null, lfs: null });
  }

  /** An object that was not read. @see isRead */
  takeUnread(header: BatchHeader, place: PackPlace): void {
    this.addRow(header, place, NO_FACTS);
  }

  finish(): ContentResult {
    return {
      tags: this.#tags,
      pointers: [...this.#pointers.values()],
      objectRows: [this.#objectRows.finish()],
      commitRows: [this.#commitRows.finish()],
      blobBytes: this.#blobBytes,
      fullFolders: this.#fullFolders,
      longNames: this.#longNames,
    };
  }

  private takeBlob(header: BatchHeader, place: PackPlace, bytes: Buffer): void {
    if (!isRead(header)) return this.takeUnread(header, place);
    const sha256 = hash('sha256', bytes, 'hex') as Sha256;
    const lfs = parseLfsPointer(bytes);
    if (lfs) this.#pointers.set(`${lfs.sha256}:${lfs.sizeBytes}`, { ...lfs, path: pathText(header.rest) });
    this.addRow(header, place, { data: bytes, sha256, lfs });
  }

  private takeTree({ rest }: BatchHeader, bytes: Buffer): void {
    const entries = decodeTree(bytes);
    if (entries.length > MAX_ENTRIES) this.#fullFolders.push(pathText(rest));
    if (entries.some(({ name }) => isLong(name))) this.#longNames.push(pathText(rest) || '/');
  }

  private takeCommit(oid: Oid, bytes: Buffer): void {
    const { storeId, generations, userId } = this.#input;
    const commit = parseCommit(bytes);
    const { title, body } = splitMessage(commit.message);
    const { author, committer } = commit;
    const generation = generations.get(oid);
    if (generation === undefined) throw new Error(`the new commit ${oid} was not listed`);
    const cells = [
      storeId,
      oidToBytes(oid),
      oidToBytes(commit.tree),
      Buffer.concat(commit.parents.map(oidToBytes)),
      generation,
      storable(author.name),
      storable(author.email),
      dateIn(author.at),
      dateIn(committer.at),
      storable(title),
      storable(body),
      this.#userEmails.has(author.email.toLowerCase()) ? userId : null,
    ];
    this.#commitRows.add(`${cells.map(copyText).join('\t')}\n`);
  }

  private addRow(
    { oid, type, sizeBytes }: BatchHeader,
    { offset, packedBytes }: PackPlace,
    facts: ObjectFacts,
  ): void {
    if (type === 'blob') this.#blobBytes += sizeBytes;
    const cells = [
      this.#input.storeId,
      this.#input.segmentId,
      copyHex(oid),
      OBJECT_TYPE_CODE[type],
      sizeBytes,
      offset,
      packedBytes,
      copyText(facts.data),
      copyHex(facts.sha256),
      copyHex(facts.lfs && facts.lfs.sha256),
      copyText(facts.lfs && facts.lfs.sizeBytes),
    ];
    this.#objectRows.add(`${cells.join('\t')}\n`);
  }
}

/** @throws {PushRefused} folders with too many entries, or names that are too long. */
export function requireGoodTrees({ fullFolders, longNames }: ContentResult, refName: string | null): void {
  if (fullFolders.length > 0) throw tooManyEntries(fullFolders, refName);
  if (longNames.length === 0) return;
  throw new PushRefused(
    framed([
      `Your push was rejected because names of files and folders may have ${MAX_SEGMENT_BYTES} bytes at most.`,
      '',
      'Offending names, by their directories:',
      ...listed(longNames),
    ]),
  );
}

/** As encoded: escapes stand for one byte each. */
function isLong(name: string): boolean {
  if (name.length <= MAX_SEGMENT_BYTES / 4) return false;
  return Buffer.byteLength(name.replaceAll(/[\udc80-\udcff]/gu, '?')) > MAX_SEGMENT_BYTES;
}

/** PostgreSQL's texts hold no NUL and only valid Unicode. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

function dateIn(date: Date): Date {
  return date.getTime() > MAX_DATE_MS ? new Date(MAX_DATE_MS) : date;
}
