import type { Readable } from 'node:stream';
import type { ByteRange } from '../../storage/object-store.ts';
import type { Actor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { EntryNotFound, Forbidden } from '../errors.ts';
import type { ObjectPlace } from '../lfs/lfs.queries.ts';
import type { LfsService } from '../lfs/lfs.service.ts';
import type { RepoAccess, Revision } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { downloadClient } from '../stats/download-client.ts';
import { isFileStart } from '../stats/download-recorder.ts';
import type { BlobService } from '../version/blob.service.ts';
import type { RevisionService } from '../version/revision.service.ts';
import type { TreeService } from '../version/tree.service.ts';
import type { TreeFile } from '../version/values.ts';
import { EMPTY_TEXT, type FileText, MAX_TEXT_BYTES, readText } from './file-text.ts';
import type { XetHash } from '../../xet/xet-hash.ts';

/** A file by the names that a URL gives it. */
export interface FileRef {
  readonly repo: RepoRef;
  readonly revision: string;
  readonly path: string;
}

/** A file that the caller may read. */
export interface FoundFile {
  readonly access: RepoAccess;
  readonly revision: Revision;
  readonly item: TreeFile;
  /** Where an LFS file lies; null for others, and for a pointer to what was never brought here. */
  readonly place: ObjectPlace | null;
  /** How Xet clients find the file; null for one that has no chunks. */
  readonly xet: XetLink | null;
}

/** A file's name in the content-addressed store. */
export interface XetLink {
  readonly hash: XetHash;
  /** Where a client learns how to put the file together. */
  readonly reconstructionUrl: string;
}

/** The same file, but of an LFS file the pointer. */
export function asGitHasIt(found: FoundFile): FoundFile {
  const { item } = found;
  if (!item.lfs) return found;
  return {
    ...found,
    place: null,
    xet: null,
    item: { ...item, lfs: null, sizeBytes: item.lfs.pointerSizeBytes },
  };
}

export interface OpenFile {
  readonly body: Buffer | Readable;
  /** Size of the whole file, also when only a range is read. */
  readonly sizeBytes: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Finds and opens files for download. `find` is the hottest path of the hub: no EntityManager, only batched or cached look-ups. */
export class ResolveService extends Service {
  readonly #access: RepoAccessService;
  readonly #revisions: RevisionService;
  readonly #trees: TreeService;
  readonly #blobs: BlobService;
  readonly #lfs: LfsService;

  constructor(
    deps: Deps,
    services: {
      access: RepoAccessService;
      revisions: RevisionService;
      trees: TreeService;
      blobs: BlobService;
      lfs: LfsService;
    },
  ) {
    super(deps);
    this.#access = services.access;
    this.#revisions = services.revisions;
    this.#trees = services.trees;
    this.#blobs = services.blobs;
    this.#lfs = services.lfs;
  }

  /**
   * @throws {RepoNotFound} @throws {GatedRepo} @throws {RevisionNotFound}
   * @throws {EntryNotFound} for folders too; it names the commit. @throws {Forbidden} when the repository is disabled.
   */
  async find(actor: Actor, { repo, revision: name, path }: FileRef): Promise<FoundFile> {
    const access = await this.#access.requireFiles(actor, repo);
    // huggingface_hub knows this sentence (`DisabledRepoError`).
    if (access.isDisabled) throw new Forbidden('Access to this resource is disabled.');
    const revision = await this.#revisions.resolve(access, name);
    const item = await this.#trees.entry(access, revision.commitOid, path);
    if (item?.kind !== 'file') throw new EntryNotFound(path, revision.commitOid);
    const place = item.lfs && (await this.#lfs.locate(access, item.lfs));
    return { access, revision, item, place, xet: this.xetLink(place) };
  }

  /** Where the client can fetch the bytes from another machine, or null when the hub serves them. */
  async downloadUrl({ item, place }: FoundFile, filename: string): Promise<string | null> {
    return item.lfs && this.#lfs.downloadUrl(place, { filename });
  }

  /** The bytes of a found file or a range of them. @throws {RangeNotSatisfiable} @throws {ObjectPruned} */
  async open({ access, item, place }: FoundFile, range?: ByteRange): Promise<OpenFile> {
    return item.lfs ? this.#lfs.open(place, range) : this.#blobs.open(access, item, range);
  }

  /**
   * The first bytes of a file as text, of an LFS file those of its content. A look at a file is no download.
   * @param maxBytes 1 to 1 MiB. @throws what `find` and `open` throw, except for ranges.
   */
  async text(actor: Actor, file: FileRef, maxBytes: number): Promise<FileText> {
    const found = await this.find(actor, file);
    if (found.item.sizeBytes === 0) return EMPTY_TEXT;
    const end = Math.min(Math.max(maxBytes, 1), MAX_TEXT_BYTES) - 1;
    const { body, sizeBytes } = await this.open(found, { start: 0, end });
    return readText(body, sizeBytes);
  }

  /** Counts a download that is answered now. @param from where the caller is, and what of the file he asked for. */
  noteDownload(
    actor: Actor,
    { access, item }: FoundFile,
    from: { readonly address: string | undefined; readonly range?: ByteRange | undefined },
  ): void {
    if (!isFileStart(from.range)) return;
    const client = downloadClient(actor, from.address);
    this.deps.downloads.note({ repoId: access.id, client, path: item.path });
  }

  private xetLink(place: ObjectPlace | null): XetLink | null {
    const hash = place?.xetHash;
    return hash ? { hash, reconstructionUrl: this.deps.xet.urls.reconstruction(hash) } : null;
  }
}
