import { z } from 'zod';
import type { Brand } from '../../lib/brand.ts';
import { BadRequest } from '../errors.ts';

/** A mail address as it is compared and written to: without spaces around it, lower case. */
export type Email = Brand<string, 'Email'>;

const MAX_EMAIL_CHARS = 254;
const address = z.email();

/** @throws {BadRequest} for what is no mail address (at most 254 characters, RFC 5321). */
export function parseEmail(value: string): Email {
  const email = value.trim().toLowerCase();
  if (email.length > MAX_EMAIL_CHARS || !address.safeParse(email).success) {
    throw new BadRequest('email: must be a mail address such as name@example.com.');
  }
  return email as Email;
}
