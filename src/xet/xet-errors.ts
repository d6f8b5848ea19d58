import { BadRequest } from '../lib/domain-error.ts';

/**
 * Bytes that break a rule of Xet's formats: a 400 whose sentence names the rule and the place. Clients do not send the same bytes
 * again after it, which is right, because they would be refused again.
 */
export class XetFormatError extends BadRequest {}
