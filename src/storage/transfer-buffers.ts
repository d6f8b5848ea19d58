interface Tier {
  readonly bufferBytes: number;
  /** For files, or what is left of them, above this. */
  readonly aboveBytes: number;
  readonly maxLent: number;
}

/**
 * Handing a read to a thread takes as long as copying 250 KB, so that large buffers save a quarter of a download's
 * processor time; 4 MiB are slower again. Tiers bound what slow readers can hold: 32 MiB and 32 MiB.
 */
const TIERS: readonly Tier[] = [
  { bufferBytes: 2 * 2 ** 20, aboveBytes: 256 * 1024, maxLent: 16 },
  { bufferBytes: 256 * 1024, aboveBytes: 64 * 1024, maxLent: 128 },
];
/** Of short files, and when all others are lent. */
const SMALL_BYTES = 64 * 1024;
const IDLE_MS = 10_000;

/** Buffers that downloads share: fresh ones cost a page fault for every 4 KiB, half of the throughput. */
export class TransferBuffers {
  readonly #tiers = TIERS.map((rule) => ({ rule, lent: 0, free: [] as Buffer[] }));
  #dropping: NodeJS.Timeout | undefined;

  /** @param neededBytes more than 0. @returns a buffer that may be shorter or longer than that. */
  take(neededBytes: number): Buffer {
    const tier = this.#tiers.find(({ rule, lent }) => neededBytes > rule.aboveBytes && lent < rule.maxLent);
    if (!tier) return Buffer.allocUnsafeSlow(Math.min(neededBytes, SMALL_BYTES));
    clearTimeout(this.#dropping);
    tier.lent += 1;
    return tier.free.pop() ?? Buffer.allocUnsafeSlow(tier.rule.bufferBytes);
  }

  /** Gives a buffer back that nobody reads any more. */
  giveBack(buffer: Buffer): void {
    this.tierOf(buffer)?.free.push(buffer);
    this.forget(buffer);
  }

  /** For a buffer that somebody may still read. */
  forget(buffer: Buffer): void {
    const tier = this.tierOf(buffer);
    if (!tier) return;
    tier.lent -= 1;
    // The memory is for others when there are no downloads.
    if (this.#tiers.every(({ lent }) => lent === 0))
      this.#dropping = setTimeout(() => this.drop(), IDLE_MS).unref();
  }

  private tierOf(buffer: Buffer) {
    return this.#tiers.find(({ rule }) => rule.bufferBytes === buffer.length);
  }

  private drop(): void {
    for (const { free } of this.#tiers) free.length = 0;
  }
}
