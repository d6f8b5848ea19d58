import { z } from 'zod';

/** A date as clients read it: UTC with a literal `Z`. */
export const wireDateSchema = z.string().describe('UTC, ISO 8601, ends in Z');

/** The answer of operations that have nothing to tell but that they are done. */
export const done = z.object({ success: z.literal(true), message: z.string() });

export const errorBody = z.object({ error: z.string() });

/** Longer names, addresses and the like are refused before anything looks at them. */
export const shortText = z.string().max(1024);

/** Secrets in bodies: long enough for every password that the rule allows. */
export const secretText = z.string().max(4096);
