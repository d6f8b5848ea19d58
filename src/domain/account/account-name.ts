import type { Brand } from '../../lib/brand.ts';
import { BadRequest } from '../errors.ts';
import { parseNewName } from '../names.ts';
import { isReservedName } from './reserved-names.ts';

/** A name that a new user or organisation may have, if nobody has it yet. */
export type NewAccountName = Brand<string, 'NewAccountName'>;

/**
 * @param what the word for the error, such as "username".
 * @throws {BadRequest} for a name that breaks the rule of `parseNewName` or is reserved.
 */
export function parseNewAccountName(value: string, what: string): NewAccountName {
  const name = parseNewName(value, what);
  if (isReservedName(name)) throw new BadRequest(`The ${what} "${name}" is reserved. Choose another one.`);
  return name as NewAccountName;
}
