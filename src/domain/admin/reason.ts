import { BadRequest } from '../errors.ts';

const MAX_REASON_CHARS = 500;

/** Why an administrator does something, for the audit log; null when he does not say. @throws {BadRequest} */
export function parseReason(value: string | null | undefined): string | null {
  const reason = value?.trim() ?? '';
  // PostgreSQL stores neither NUL nor half a character.
  if (reason.length > MAX_REASON_CHARS || reason.includes('\0') || !reason.isWellFormed()) {
    throw new BadRequest(`reason: must be a text of at most ${MAX_REASON_CHARS} characters.`);
  }
  return reason === '' ? null : reason;
}
