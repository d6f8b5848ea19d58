import { createHash, hash } from 'node:crypto';
import { copyText } from '../../db/sql.ts';
import type { BatchHeader, BatchSink } from '../../git/batch-output.ts';
import { type Commit, parseCommit, splitMessage } from '../../git/commit.ts';
import { type LfsPointer, parseLfsPointer } from '../../git/lfs-pointer.ts';
import { OBJECT_TYPE_CODE, type ObjectType } from '../../git/object.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import type { PackPlaces } from '../../git/pack-index.ts';
import { MAX_SEGMENT_BYTES } from '../../git/path.ts';
import { parseTag } from '../../git/tag.ts';
import { decodeTree } from '../../git/tree.ts';
import type { RowFile } from '../../lib/row-file.ts';
import { type Sha256, sha256ToBytes } from '../../lib/sha256.ts';
import { INLINE_BLOB_BYTES } from '../version/segment.ts';
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

export interface ContentReaderInput {
  readonly storeId: number;
  readonly places: PackPlaces;
  /** Of each new commit. */
  readonly generations: ReadonlyMap<Oid, number>;
  /** Rows of `git_object` for COPY, with 0 for their segment. */
  readonly objectRows: RowFile;
  /** Rows of `git_commit` for COPY. */
  readonly commitRows: RowFile;
  /** The account that wrote the commit, when the hub can know. */
  readonly authorOf: (commit: Commit) => number | null;
}

/** As in a commit by API. */
const MAX_ENTRIES = 10_000;
/** PostgreSQL knows no later ones. */
const MAX_DATE_MS = Date.UTC(270_000, 0);

/** Reads the new objects of a push, each once, writes their rows, and judges what can be judged by one object alone. */
export class ContentReader {
  readonly tags = new Map<Oid, TagTarget>();
  /** By object; one path of each. */
  readonly pointers = new Map<string, PushedPointer>();
  readonly #input: ContentReaderInput;
  readonly #fullFolders: string[] = [];
  readonly #longNames: string[] = [];

  constructor(input: ContentReaderInput) {
    this.#input = input;
  }

  /** For `BatchReader`. */
  open(header: BatchHeader): BatchSink {
    if (header.type === 'blob' && header.sizeBytes > INLINE_BLOB_BYTES) {
      const sha256 = createHash('sha256');
      return {
        write: (piece) => void sha256.update(piece),
        end: () => this.addRow(header, { data: null, sha256: sha256.digest('hex') as Sha256, lfs: null }),
      };
    }
    const pieces: Buffer[] = [];
    return {
      write: (piece) => void pieces.push(piece),
      end: () => this.take(header, pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)),
    };
  }

  /** @throws {PushRefused} folders with too many entries, or names that are too long. */
  finish(): void {
    if (this.#fullFolders.length > 0) throw tooManyEntries(this.#fullFolders);
    if (this.#longNames.length > 0) {
      throw new PushRefused(
        framed([
          `Your push was rejected because names of files and folders may have ${MAX_SEGMENT_BYTES} bytes at most.`,
          '',
          'Offending names, by their directories:',
          ...listed(this.#longNames),
        ]),
      );
    }
  }

  private take(header: BatchHeader, bytes: Buffer): void {
    if (header.type === 'blob') return this.takeSmallBlob(header, bytes);
    if (header.type === 'tree') this.takeTree(header, bytes);
    else if (header.type === 'commit') this.takeCommit(header.oid, bytes);
    else {
      const { object, type } = parseTag(bytes);
      this.tags.set(header.oid, { oid: object, type });
    }
    this.addRow(header, { data: bytes, sha256: null, lfs: null });
  }

  private takeSmallBlob(header: BatchHeader, bytes: Buffer): void {
    const lfs = parseLfsPointer(bytes);
    if (lfs) this.pointers.set(`${lfs.sha256}:${lfs.sizeBytes}`, { ...lfs, path: pathText(header.rest) });
    this.addRow(header, { data: bytes, sha256: hash('sha256', bytes, 'hex') as Sha256, lfs });
  }

  private takeTree({ rest }: BatchHeader, bytes: Buffer): void {
    const entries = decodeTree(bytes);
    if (entries.length > MAX_ENTRIES) this.#fullFolders.push(pathText(rest));
    if (entries.some(({ name }) => isLong(name))) this.#longNames.push(pathText(rest) || '/');
  }

  private takeCommit(oid: Oid, bytes: Buffer): void {
    const { storeId, generations, commitRows, authorOf } = this.#input;
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
      authorOf(commit),
    ];
    commitRows.add(`${cells.map(copyText).join('\t')}\n`);
  }

  private addRow(
    { oid, type, sizeBytes }: BatchHeader,
    facts: { data: Buffer | null; sha256: Sha256 | null; lfs: LfsPointer | null },
  ): void {
    const { storeId, places, objectRows } = this.#input;
    const { offset, packedBytes } = places.find(oid);
    const cells = [
      storeId,
      oidToBytes(oid),
      OBJECT_TYPE_CODE[type],
      sizeBytes,
      0,
      offset,
      packedBytes,
      facts.data,
      facts.sha256 && sha256ToBytes(facts.sha256),
      facts.lfs && sha256ToBytes(facts.lfs.sha256),
      facts.lfs && facts.lfs.sizeBytes,
    ];
    objectRows.add(`${cells.map(copyText).join('\t')}\n`);
  }
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
