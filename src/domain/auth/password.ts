import type { Brand } from '../../lib/brand.ts';
import { BadRequest } from '../errors.ts';

/** A password that keeps the rule, in clear. It lives only as long as the request. */
export type NewPassword = Brand<string, 'NewPassword'>;

export const MIN_PASSWORD_CHARS = 8;
export const MAX_PASSWORD_CHARS = 1024;

/** @throws {BadRequest} for a password that is too short or too long. Nothing else is asked of it (NIST SP 800-63B). */
export function parseNewPassword(value: string): NewPassword {
  if (value.length < MIN_PASSWORD_CHARS || value.length > MAX_PASSWORD_CHARS) {
    throw new BadRequest(`password: must have ${MIN_PASSWORD_CHARS} to ${MAX_PASSWORD_CHARS} characters.`);
  }
  return value as NewPassword;
}
