import type { Figure, Latencies } from './figures.ts';
import { below, type Row } from './report.ts';

export interface LatencyPeer {
  readonly name: string;
  readonly latencies: Latencies;
}

export interface LatencyLine {
  readonly what: string;
  readonly ours: Latencies;
  readonly peers: readonly LatencyPeer[];
  /** Milliseconds that a percentile must stay below. */
  readonly limits?: Readonly<Partial<Record<'p50' | 'p99', number>>>;
}

/** Two rows, one for each percentile. */
export function latencyRows({ what, ours, peers, limits = {} }: LatencyLine): Row[] {
  return (['p50', 'p99'] as const).map((percentile) => {
    const figure = milliseconds(ours[percentile]);
    const limit = limits[percentile];
    return {
      what: `${what}: ${percentile}`,
      ours: figure,
      peers: peers.map(({ name, latencies }) => ({ name, figure: milliseconds(latencies[percentile]) })),
      target: limit === undefined ? undefined : below(figure, limit),
    };
  });
}

function milliseconds(value: number): Figure {
  return { value, unit: 'ms' };
}
