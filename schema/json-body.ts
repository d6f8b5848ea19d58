import type { FastifyBodyParser, FastifyInstance } from 'fastify';
import { BadRequest, PayloadTooLarge } from '../src/domain/errors.ts';
import { isJsonWithin, type JsonBounds } from '../src/lib/json-bounds.ts';

/** Deeper than any input, and with more keys than any object of one has. */
const SHAPE = { maxDepth: 40, maxKeys: 100 } as const satisfies Partial<JsonBounds>;
/** A document and its variables. Whoever sends files or pictures has a login. */
const MAX_ANONYMOUS_BYTES = 32 * 1024;

/**
 * Takes bodies of JSON, and refuses before it parses them those that would take long: to parse, to compare with types, or to name all
 * that is wrong with them.
 */
export function takeJson(app: FastifyInstance, maxValues: number, parse: FastifyBodyParser<string>): void {
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.scope.actor.kind === 'anonymous' && body.length > MAX_ANONYMOUS_BYTES)
      throw new PayloadTooLarge(`Without a login a request has ${MAX_ANONYMOUS_BYTES} bytes at most.`);
    checkJson(body, maxValues);
    return parse(request, body.toString('utf8'), done);
  });
}

/** @throws {BadRequest} for JSON beyond the bounds. */
export function checkJson(bytes: Uint8Array, maxValues: number): void {
  if (isJsonWithin(bytes, { ...SHAPE, maxValues })) return;
  throw new BadRequest(
    `The request has more than ${maxValues} values, ${SHAPE.maxDepth} levels, or ${SHAPE.maxKeys} keys in an object.`,
  );
}
