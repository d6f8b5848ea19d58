import { BadRequest } from '../lib/domain-error.ts';
import { ObjectMismatch } from './errors.ts';
import type { UploadedPart } from './object-store.ts';

/** S3 allows no more parts in one upload. */
export const MAX_PARTS = 10_000;

export function checkPartNumber(partNumber: number): void {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= MAX_PARTS) return;
  throw new BadRequest(`partNumber must be a whole number from 1 to ${MAX_PARTS}.`);
}

/** A completion names at least one part, each once, in ascending order. */
export function checkPartOrder(parts: readonly UploadedPart[]): void {
  let previous = 0;
  for (const { partNumber } of parts) {
    checkPartNumber(partNumber);
    if (partNumber <= previous)
      throw new ObjectMismatch('Parts must be in ascending order, each named once.');
    previous = partNumber;
  }
  if (previous === 0) throw new ObjectMismatch('A multipart upload is completed with at least one part.');
}

/** Compares ETags with or without their quotes. */
export function sameEtag(a: string | undefined, b: string): boolean {
  return a !== undefined && a.replaceAll('"', '') === b.replaceAll('"', '');
}
