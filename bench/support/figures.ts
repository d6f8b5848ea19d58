/** A measured value with its unit. `low` and `high` are the extremes when it is the median of several runs. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly low?: number;
  readonly high?: number;
}

/** The median of runs, with their spread. */
export function medianOf(values: readonly number[], unit: string): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  return { value: quantile(sorted, 0.5), unit, low: sorted[0]!, high: sorted.at(-1)! };
}

/** Latencies of many requests, in milliseconds. */
export class Latencies {
  readonly #sorted: readonly number[];

  constructor(values: readonly number[]) {
    this.#sorted = values.toSorted((a, b) => a - b);
  }

  get p50(): number {
    return quantile(this.#sorted, 0.5);
  }

  get p99(): number {
    return quantile(this.#sorted, 0.99);
  }

  get count(): number {
    return this.#sorted.length;
  }
}

/** The smallest value that is not exceeded by `share` of the values. */
function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

export function show({ value, unit, low, high }: Figure): string {
  const text = `${digits(value)} ${unit}`;
  const hasSpread = low !== undefined && high !== undefined && digits(low) !== digits(high);
  return hasSpread ? `${text} (${digits(low)} to ${digits(high)})` : text;
}

/** Three significant digits, or whole numbers with separators. */
function digits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(value >= 10 ? 3 : 2);
}

/** Runs `work` several times and returns what each run measured. */
export async function repeat<T>(times: number, work: (run: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let run = 0; run < times; run++) results.push(await work(run));
  return results;
}

/** Seconds that `work` takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
