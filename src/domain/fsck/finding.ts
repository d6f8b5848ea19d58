/** What kind of damage was found. Scripts may match on these. */
export type FindingCode =
  | 'segment-missing'
  | 'segment-corrupt'
  | 'segment-replaced'
  | 'object-corrupt'
  | 'object-missing'
  | 'object-unplaced'
  | 'ref-broken'
  | 'commit-row-wrong'
  | 'lfs-missing'
  | 'lfs-size'
  | 'lfs-corrupt'
  | 'lfs-unlinked'
  | 'xorb-missing'
  | 'xorb-corrupt'
  | 'xet-file-missing'
  | 'xet-file-corrupt'
  | 'xet-file-unheld'
  | 'counter-wrong'
  | 'stray-bytes';

/** One thing that is wrong, where it is, and what it means. */
export interface Finding {
  readonly code: FindingCode;
  /** `model:ns/name`, `lfs/<sha256>`, `xorb/<hash>`, `xet/<hash>`, `account:name` or an object key. */
  readonly where: string;
  readonly message: string;
}

/** Takes findings as they are made. */
export type Report = (finding: Finding) => void;

/** What an error says, as the message of a finding. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
