import { z } from 'zod';
import { ACCOUNT_KINDS } from '../../src/domain/account/account.entity.ts';

/** A name, an address or the secret of a link: longer ones are refused before anything looks at them. */
export const shortText = z.string().max(1024);

/** A password: long enough for every one that the rule allows. */
export const secretText = z.string().max(4096);

/** An entry of one of the caller's lists. */
export const IdInput = z.object({ id: z.int().positive() });

/** Whose picture. */
export const AvatarOwnerInput = z.object({
  kind: z.enum(ACCOUNT_KINDS).default('user'),
  name: shortText,
});
