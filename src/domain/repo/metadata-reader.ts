import { splitFrontMatter } from '../../lib/front-matter.ts';
import { WorkerPool } from '../../lib/worker-pool.ts';
import { Unavailable } from '../errors.ts';
import { type Card, readCard } from './card.ts';
import { type CardReport, validateCard } from './card-validation.ts';
import type { RepoType } from './repo.entity.ts';
import { countTensors, type TensorCounts } from './safetensors.ts';

export type MetadataJob =
  | { readonly kind: 'card'; readonly type: RepoType; readonly text: string }
  | { readonly kind: 'report'; readonly type: RepoType; readonly text: string }
  | { readonly kind: 'tensors'; readonly header: Uint8Array<ArrayBuffer> };

export type MetadataResult = Card | CardReport | TensorCounts | null;

/** Whatever is in them, texts of this size take the caller's thread for some milliseconds at most; most READMEs are among them. */
export const MAX_INLINE_YAML_CHARS = 2000;
export const MAX_INLINE_TEXT_CHARS = 200_000;
export const MAX_INLINE_HEADER_BYTES = 200_000;
const MAX_THREADS = 2;
/** Each waits with a text of some megabytes at worst. */
const MAX_WAITING = 32;
const RETRY_AFTER_SECONDS = 5;
const HEAP_MB = 512;

/**
 * Reads what users write about their files. Parsing YAML and JSON of strangers may take a second, whatever the parser is told: all but short
 * texts are for threads, so that nobody else waits meanwhile.
 */
export class MetadataReader {
  readonly #pool = new WorkerPool<MetadataJob, MetadataResult>({
    workerFile: new URL('./metadata-worker.ts', import.meta.url),
    name: 'metadata',
    maxWorkers: MAX_THREADS,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  #openCount = 0;
  #threadedCount = 0;

  /** How much was given to threads so far. */
  get threadedCount(): number {
    return this.#threadedCount;
  }

  /** See `readCard`. @throws {Unavailable} when too many wait already. */
  async card(type: RepoType, readme: string): Promise<Card> {
    if (isShort(readme)) return readCard(type, readme);
    return (await this.inThread({ kind: 'card', type, text: readme })) as Card;
  }

  /** See `validateCard`. @throws {Unavailable} when too many wait already. */
  async validate(type: RepoType, content: string): Promise<CardReport> {
    if (isShort(content)) return validateCard(content, type);
    return (await this.inThread({ kind: 'report', type, text: content })) as CardReport;
  }

  /** See `countTensors`. @throws {Unavailable} when too many wait already. */
  async tensors(header: Buffer): Promise<TensorCounts | null> {
    if (header.length <= MAX_INLINE_HEADER_BYTES) return countTensors(header);
    return (await this.inThread({ kind: 'tensors', header: new Uint8Array(header) })) as TensorCounts | null;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  private async inThread(job: MetadataJob): Promise<MetadataResult> {
    if (this.#openCount >= MAX_THREADS + MAX_WAITING) {
      throw new Unavailable('The hub is busy with the metadata of other files. Try again in a moment.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#openCount++;
    this.#threadedCount++;
    try {
      return await this.#pool.run(job);
    } finally {
      this.#openCount--;
    }
  }
}

function isShort(text: string): boolean {
  if (text.length > MAX_INLINE_TEXT_CHARS) return false;
  return (splitFrontMatter(text).yaml?.length ?? 0) <= MAX_INLINE_YAML_CHARS;
}
