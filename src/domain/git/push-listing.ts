import type { BatchHeader } from '../../git/batch-output.ts';
import { decodeEntryName } from '../../git/entry-name.ts';
import { isOid, type Oid } from '../../git/oid.ts';
import { MAX_PATH_BYTES, MAX_PATH_SEGMENTS } from '../../git/path.ts';
import { quote } from '../../git/quote.ts';
import { framed, PushRefused } from './push-report.ts';

export interface ListingLimits {
  /** Larger files belong into LFS. */
  readonly fileBytes: number;
  /** Of all new objects together, unpacked. */
  readonly totalBytes: number;
  /** The only ref that the push moves, or null. */
  readonly refName: string | null;
}

const MIB = 2 ** 20;
export const MAX_OBJECTS = 1_000_000;
/** They are kept in their rows, and read as a whole. */
const MAX_COMMIT_BYTES = MIB;
/** 10,000 entries with the longest names have 2.8 MB. */
const MAX_TREE_BYTES = 4 * MIB;
export const MAX_LISTED = 20;

/** What is known of the new objects of a push. */
export interface Listed {
  /** Of each new commit; parents stand before their children. */
  readonly parents: ReadonlyMap<Oid, readonly Oid[]>;
  readonly objectCount: number;
  /** Of all new objects, unpacked. */
  readonly totalBytes: number;
}

/** The new objects of a push, by their types and sizes alone. Nothing that `finish` lets through is large when it is unpacked. */
export class PushListing implements Listed {
  readonly parents = new Map<Oid, readonly Oid[]>();
  readonly #limits: ListingLimits;
  readonly #largeFiles: string[] = [];
  #objectCount = 0;
  #totalBytes = 0;

  constructor(limits: ListingLimits) {
    this.#limits = limits;
  }

  get objectCount(): number {
    return this.#objectCount;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** @param header of a commit with the ids of its parents, or of another object with its path. */
  add({ oid, type, sizeBytes, rest }: BatchHeader): void {
    this.#objectCount++;
    this.#totalBytes += sizeBytes;
    if (this.#objectCount > MAX_OBJECTS) throw tooManyObjects();
    if (rest.length > MAX_PATH_BYTES && type !== 'commit') throw pathTooLong(rest);
    if (type === 'commit') this.parents.set(oid, rest.toString('latin1').split(' ').filter(isOid));
    if (type === 'blob') {
      if (sizeBytes > this.#limits.fileBytes) this.#largeFiles.push(pathText(rest));
      return;
    }
    if (type === 'tree' && sizeBytes > MAX_TREE_BYTES)
      throw tooManyEntries([pathText(rest)], this.#limits.refName);
    if (type !== 'tree' && sizeBytes > MAX_COMMIT_BYTES) throw tooLarge(type, oid);
  }

  /** @throws {PushRefused} naming the files that are too large. */
  finish(): void {
    if (this.#largeFiles.length > 0) throw largeFiles(this.#largeFiles, this.#limits);
    if (this.#totalBytes > this.#limits.totalBytes)
      throw new PushRefused(
        framed([
          `Your push was rejected because its new objects have more than ${this.#limits.totalBytes} bytes when they are unpacked.`,
          IN_PARTS,
        ]),
      );
  }
}

export function tooManyObjects(): PushRefused {
  return new PushRefused(
    framed([`Your push was rejected because it has more than ${MAX_OBJECTS} new objects.`, IN_PARTS]),
  );
}

/** For a path that the API could not name either. */
export function pathTooLong(path: Buffer): PushRefused {
  return new PushRefused(
    framed([
      `Your push was rejected because paths may have ${MAX_PATH_BYTES} bytes and ${MAX_PATH_SEGMENTS} levels at most.`,
      '',
      `Offending path: ${pathText(path)}`,
    ]),
  );
}

/** What helps when a push is too much for one. */
export const IN_PARTS = 'Push fewer commits at once, for example: git push origin <older commit>:main';

/** A path as git wrote it, for a message. */
export function pathText(bytes: Buffer): string {
  return quote(decodeEntryName(bytes)).slice(1, -1);
}

function tooLarge(type: string, oid: Oid): PushRefused {
  return new PushRefused(
    framed([
      `Your push was rejected because the ${type} ${oid} is larger than ${MAX_COMMIT_BYTES / MIB} MiB.`,
    ]),
  );
}

/** The sentences of huggingface.co. @param folders their paths; '' is the root. */
export function tooManyEntries(folders: readonly string[], refName: string | null): PushRefused {
  return new PushRefused(
    framed([
      'Your push was rejected because it contains too many files per directory.',
      'Each directory in your git repo can only contain up to 10000 files.',
      '',
      ...(refName === null ? [] : [`Offending reference: ${refName}`]),
      'Offending directories:',
      ...listed(folders.map((folder) => (folder === '' ? '/' : `/${folder}/`))),
    ]),
  );
}

/** The sentences of huggingface.co. */
export function largeFiles(
  paths: readonly string[],
  { fileBytes, refName }: Pick<ListingLimits, 'fileBytes' | 'refName'>,
): PushRefused {
  return new PushRefused(
    framed([
      `Your push was rejected because it contains files larger than ${fileBytes / MIB} MiB.`,
      'Please use https://git-lfs.github.com/ to store large files.',
      'See also: https://hf.co/docs/hub/repositories-getting-started#terminal',
      '',
      'Offending files:',
      ...listed([...new Set(paths)]).map((line) =>
        refName === null || line.startsWith('  …') ? line : `${line} (ref: ${refName})`,
      ),
    ]),
  );
}

export function listed(items: readonly string[]): string[] {
  const lines = items.slice(0, MAX_LISTED).map((item) => `  - ${item}`);
  return items.length > MAX_LISTED ? [...lines, `  … and ${items.length - MAX_LISTED} more`] : lines;
}
