/** How much a benchmark does: the whole, or enough to see that it works. */
export interface Scale {
  /** Repetitions whose median is reported. */
  readonly runs: number;
  readonly loadSeconds: number;
  /** Requests behind each pair of percentiles. */
  readonly requests: number;
  /** Files of the repository whose pages are read; 1,000 in a folder. */
  readonly treeFiles: number;
  /** Files of the repositories that get a commit of one file. */
  readonly commitFiles: readonly number[];
  /** Large commits, and the seconds that each may take. */
  readonly bulkCommits: readonly { readonly files: number; readonly maxSeconds: number }[];
  /** Files of the repositories that Git clones. */
  readonly cloneFiles: readonly number[];
  readonly largeDownloadBytes: number;
  readonly hugeFileBytes: number;
  readonly xetFileBytes: number;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;

export const FULL: Scale = {
  runs: 3,
  loadSeconds: 6,
  requests: 300,
  treeFiles: 100_000,
  commitFiles: [1000, 100_000, 1_000_000],
  bulkCommits: [
    { files: 10_000, maxSeconds: 3 },
    { files: 100_000, maxSeconds: 30 },
  ],
  cloneFiles: [10_000, 100_000],
  largeDownloadBytes: GIB,
  hugeFileBytes: 4 * GIB,
  xetFileBytes: 1e9,
};

export const QUICK: Scale = {
  runs: 1,
  loadSeconds: 2,
  requests: 30,
  treeFiles: 5000,
  commitFiles: [1000, 10_000],
  bulkCommits: [{ files: 10_000, maxSeconds: 3 }],
  cloneFiles: [10_000],
  largeDownloadBytes: 64 * MIB,
  hugeFileBytes: 256 * MIB,
  xetFileBytes: 1e8,
};
