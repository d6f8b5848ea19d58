import { z } from 'zod';

/** Where the URLs lead that the directory store signs. */
export const SIGNED_OBJECT_PATH = '/_storage/object';

export const SignedQuery = z.object({ token: z.string() });
