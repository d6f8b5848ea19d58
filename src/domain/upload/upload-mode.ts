/** How a client must bring a file: inside the commit, or by Git LFS before it. */
export type UploadMode = 'regular' | 'lfs';

export interface LfsRules {
  /** Files of this size or more. */
  readonly thresholdBytes: number;
  /** Lower case, with their dot. */
  readonly suffixes: readonly string[];
}

export interface UploadedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Whether `.gitattributes` says `filter=lfs`. */
  readonly isLfsByAttributes: boolean;
}

/** Empty files never go by LFS: clients send them as regular ones whatever the answer. Nor do Git's own rule files, which must be readable. */
export function uploadModeOf(
  { path, sizeBytes, isLfsByAttributes }: UploadedFile,
  rules: LfsRules,
): UploadMode {
  if (sizeBytes === 0) return 'regular';
  if (sizeBytes >= rules.thresholdBytes) return 'lfs';
  if (/(?:^|\/)\.git(?:ignore|attributes)$/.test(path)) return 'regular';
  const name = path.toLowerCase();
  const isLfsBySuffix = rules.suffixes.some((suffix) => name.endsWith(suffix));
  return isLfsBySuffix || isLfsByAttributes ? 'lfs' : 'regular';
}
