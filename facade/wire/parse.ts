import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';

/** Parses a value from the wire. @throws {BadRequest} that names the field and what is wrong with it. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') || 'body';
  throw new BadRequest(`${field}: ${issue?.message ?? 'invalid'}`);
}

/** Booleans as query strings and forms spell them. */
export const queryBoolean = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0', 'True', 'False', ''])])
  .transform((value) => value === true || value === 'true' || value === '1' || value === 'True');

/** A parameter that may stand once or many times: always a list. */
export const repeated = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [value]));
