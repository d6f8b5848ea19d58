import { BadRequest } from '../errors.ts';
import type { RepoColumns } from './repo-write.queries.ts';
import type { GatedMode } from './repo.entity.ts';

export const VISIBILITIES = ['public', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** Changes of settings: undefined leaves one alone, null resets it to the server's default. */
export interface RepoSettings {
  readonly visibility?: Visibility | undefined;
  /** Null opens the gate. */
  readonly gated?: GatedMode | null | undefined;
  readonly lfsThresholdBytes?: number | null | undefined;
  readonly lfsKeepVersions?: number | null | undefined;
  /** Endings such as `.safetensors`. */
  readonly lfsSuffixRules?: readonly string[] | null | undefined;
}

const MIN_THRESHOLD_BYTES = 1_000_000;
const MIN_KEPT_VERSIONS = 2;
const MAX_KEPT_VERSIONS = 1_000_000;
const MAX_SUFFIXES = 100;
const SUFFIX = /^\.[\w.+-]{1,31}$/;

/**
 * The columns that settings change.
 * @param maxThresholdBytes larger files do not fit into the body of a commit.
 * @throws {BadRequest} that names the setting.
 */
export function checkSettings(settings: RepoSettings, maxThresholdBytes: number): RepoColumns {
  const { visibility, gated, lfsThresholdBytes, lfsKeepVersions, lfsSuffixRules } = settings;
  checkRange('The size from which files go into LFS', lfsThresholdBytes, [
    MIN_THRESHOLD_BYTES,
    maxThresholdBytes,
  ]);
  checkRange('The number of old versions that are kept', lfsKeepVersions, [
    MIN_KEPT_VERSIONS,
    MAX_KEPT_VERSIONS,
  ]);
  return {
    is_private: visibility && visibility === 'private',
    gated,
    lfs_threshold_bytes: lfsThresholdBytes,
    lfs_keep_versions: lfsKeepVersions,
    lfs_suffix_rules: lfsSuffixRules && checkSuffixes(lfsSuffixRules),
  };
}

function checkRange(
  what: string,
  value: number | null | undefined,
  [min, max]: readonly [number, number],
): void {
  if (value === null || value === undefined) return;
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new BadRequest(`${what} must be a whole number from ${min} to ${max}, or null.`);
}

function checkSuffixes(suffixes: readonly string[]): readonly string[] {
  if (suffixes.length > MAX_SUFFIXES || !suffixes.every((suffix) => SUFFIX.test(suffix))) {
    throw new BadRequest(
      `Files go into LFS by at most ${MAX_SUFFIXES} endings that start with ".", such as ".safetensors".`,
    );
  }
  return [...new Set(suffixes.map((suffix) => suffix.toLowerCase()))];
}
