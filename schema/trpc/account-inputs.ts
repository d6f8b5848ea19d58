import { z } from 'zod';

/** A name, an address or the secret of a link: longer ones are refused before anything looks at them. */
export const shortText = z.string().max(1024);

/** A password: long enough for every one that the rule allows. */
export const secretText = z.string().max(4096);
