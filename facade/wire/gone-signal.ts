import type { FastifyReply } from 'fastify';
import { BadRequest } from '../../src/domain/errors.ts';

/** Aborted when the connection closes before the answer is complete. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => {
    if (!reply.raw.writableFinished) gone.abort(new BadRequest('The client has gone away.'));
  };
  if (reply.raw.closed) abort();
  else reply.raw.once('close', abort);
  return gone.signal;
}
