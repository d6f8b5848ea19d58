const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** S3 takes no larger body in one PUT, and no larger part. */
export const MAX_PUT_BYTES = 5 * GIB;
/** S3 holds no larger object. */
export const MAX_OBJECT_BYTES = 5 * 1024 * GIB;
/** S3 knows no higher part number. */
const MAX_PARTS = 10_000;
/** One answer carries at most about so many part URLs. */
const MAX_PARTS_PER_ANSWER = 20_000;

/** How a multipart upload is cut: parts of `partBytes`, and a last one that may be shorter. */
export interface PartPlan {
  readonly partBytes: number;
  readonly partCount: number;
}

/**
 * Parts of the configured size, grown to whole MiB where a file would have more parts than one upload or one answer
 * may carry. Null when no allowed part is large enough.
 * @param uploads number of multipart uploads in the same answer.
 */
export function planParts(sizeBytes: number, partBytes: number, uploads: number): PartPlan | null {
  const maxParts = Math.min(MAX_PARTS, Math.max(1, Math.floor(MAX_PARTS_PER_ANSWER / uploads)));
  const grown = Math.ceil(Math.ceil(sizeBytes / maxParts) / MIB) * MIB;
  const chosen = Math.ceil(sizeBytes / partBytes) > maxParts ? grown : partBytes;
  if (chosen > MAX_PUT_BYTES) return null;
  return { partBytes: chosen, partCount: Math.max(1, Math.ceil(sizeBytes / chosen)) };
}

/** Size of one part; numbers start at 1. */
export function partSize(sizeBytes: number, plan: PartPlan, partNumber: number): number {
  return Math.min(plan.partBytes, sizeBytes - (partNumber - 1) * plan.partBytes);
}
