import type { Readable } from 'node:stream';
import { DomainError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { LfsService } from '../lfs/lfs.service.ts';
import { Service } from '../service.ts';
import type { BlobService } from '../version/blob.service.ts';
import type { TreeService } from '../version/tree.service.ts';
import type { TreeFile } from '../version/values.ts';
import { type Card, EMPTY_CARD, MAX_README_BYTES } from './card.ts';
import type { RepoAccess } from './repo-access.ts';
import {
  dropPromises,
  findPromises,
  type RepoIndex,
  storeIndex,
  takeDuePromises,
} from './repo-index.queries.ts';
import { findRepoById } from './repo.queries.ts';
import { headerLength, PREFIX_BYTES, sumCounts, type TensorCounts } from './safetensors.ts';
import { weightFiles } from './weight-files.ts';

/** How often a busy branch may move while its files are read. */
const MAX_ATTEMPTS = 5;
const MAX_ROOT_PAGES = 10;
const PAGE_ENTRIES = 1000;
const MAX_WEIGHT_FILES = 200;
const MAX_HEADERS_BYTES = 64_000_000;
/** Most headers are shorter: one read gets prefix and header. */
const FIRST_READ_BYTES = 64 * 1024;
const PROMISES_AT_ONCE = 20;
/** A promise that failed this often is given up; the next commit of its repository makes a new one. */
const MAX_PROMISE_ATTEMPTS = 12;

interface Readers {
  readonly trees: TreeService;
  readonly blobs: BlobService;
  readonly lfs: Pick<LfsService, 'locate' | 'open'>;
}

/** Keeps what lists filter on (card, tags, numbers of parameters) in step with the head of `main`. */
export class RepoIndexService extends Service {
  readonly #readers: Readers;

  constructor(deps: Deps, readers: Readers) {
    super(deps);
    this.#readers = readers;
  }

  /**
   * Reads README.md and the headers of the weights at `main` and stores what they say. It never throws, because it follows
   * commits that are made already: a failure is logged, and the outbox keeps the promise for `keepPromises`.
   */
  async index(repoId: number): Promise<boolean> {
    try {
      await this.indexHead(repoId);
      return true;
    } catch (error) {
      this.deps.log.warn({ err: error, repoId }, 'a repository was not indexed; it will be tried again');
      return false;
    }
  }

  /** Indexes what commits promised and nobody did, because the process ended or the branch was too busy. */
  async keepPromises(): Promise<{ readonly indexed: number }> {
    let indexed = 0;
    for (;;) {
      const due = await takeDuePromises(this.deps.sql, PROMISES_AT_ONCE);
      if (due.length === 0) return { indexed };
      for (const promise of due) {
        if (await this.index(promise.repoId)) indexed++;
        else if (promise.attempts >= MAX_PROMISE_ATTEMPTS) await dropPromises(this.deps.sql, [promise.id]);
      }
    }
  }

  private async indexHead(repoId: number): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      // Read before the head: a commit that comes later makes a promise of its own.
      const promises = await findPromises(this.deps.sql, repoId);
      const access = await findRepoById(this.deps.sql, repoId);
      if (!access) return dropPromises(this.deps.sql, promises);
      const found = await this.read(access);
      if (await storeIndex(this.deps.sql, { repoId, headOid: access.headOid, promises }, found)) return;
    }
    throw new Error(`main moved ${MAX_ATTEMPTS} times while it was read`);
  }

  private async read(access: RepoAccess): Promise<RepoIndex> {
    const card = await this.readCard(access);
    const safetensors = access.type === 'model' ? await this.readWeights(access) : null;
    if (!safetensors || card.tags.includes('safetensors')) return { card, safetensors };
    return { card: { ...card, tags: [...card.tags, 'safetensors'] }, safetensors };
  }

  private async readCard(access: RepoAccess): Promise<Card> {
    if (!access.headOid) return EMPTY_CARD;
    const readme = await this.#readers.trees.entry(access, access.headOid, 'README.md');
    if (readme?.kind !== 'file' || readme.lfs || readme.sizeBytes > MAX_README_BYTES) return EMPTY_CARD;
    const bytes = await this.#readers.blobs.read(access, readme.oid, MAX_README_BYTES);
    return this.deps.metadata.card(access.type, bytes.toString('utf8'));
  }

  /** Null also when one of the files cannot be read: half a number would be a wrong number. */
  private async readWeights(access: RepoAccess): Promise<TensorCounts | null> {
    const files = weightFiles(await this.rootFiles(access));
    if (files.length > MAX_WEIGHT_FILES) return null;
    const parts: TensorCounts[] = [];
    let headersBytes = 0;
    for (const file of files) {
      const header = await this.readHeader(access, file);
      headersBytes += header?.length ?? 0;
      const isRead = header !== null && headersBytes <= MAX_HEADERS_BYTES;
      const counts = isRead ? await this.deps.metadata.tensors(header) : null;
      if (!counts) return null;
      parts.push(counts);
    }
    return sumCounts(parts);
  }

  private async rootFiles(access: RepoAccess): Promise<readonly TreeFile[]> {
    const files: TreeFile[] = [];
    if (!access.headOid) return files;
    let cursor: string | undefined;
    for (let page = 0; page < MAX_ROOT_PAGES; page++) {
      const { items, nextCursor } = await this.#readers.trees.list(access, access.headOid, {
        path: '',
        recursive: false,
        withLastCommit: false,
        limit: PAGE_ENTRIES,
        cursor,
      });
      files.push(...items.filter((item) => item.kind === 'file'));
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    return files;
  }

  private async readHeader(access: RepoAccess, file: TreeFile): Promise<Buffer | null> {
    const first = await this.readRange(access, file, { start: 0, end: FIRST_READ_BYTES - 1 });
    const length = first && headerLength(first);
    if (!first || length === null || length === undefined) return null;
    const end = PREFIX_BYTES + length;
    if (end <= first.length) return first.subarray(PREFIX_BYTES, end);
    if (end > file.sizeBytes) return null;
    return this.readRange(access, file, { start: PREFIX_BYTES, end: end - 1 });
  }

  private async readRange(
    access: RepoAccess,
    file: TreeFile,
    range: { readonly start: number; readonly end: number },
  ): Promise<Buffer | null> {
    try {
      const { body } = file.lfs
        ? await this.#readers.lfs.open(await this.#readers.lfs.locate(access, file.lfs), range)
        : await this.#readers.blobs.open(access, file, range);
      return Buffer.isBuffer(body) ? body : await readAll(body);
    } catch (error) {
      // An empty file, or an object that was pruned.
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
