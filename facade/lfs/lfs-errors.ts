import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DomainError, RepoMoved } from '../../src/domain/errors.ts';
import { LfsLockTaken } from '../../src/domain/lfs/lfs-lock.ts';
import { replyWithError } from '../errors.ts';
import { movedLocation } from '../wire/repo-params.ts';
import { lockFields } from './lock-wire.ts';
import { LFS_MEDIA_TYPE } from './lfs-wire.ts';

const CHALLENGE = 'Basic realm="Kohaku Hub"';

/**
 * The error shape of the LFS API: `{ message, request_id }`, and the lock that stands in the way. Who is not logged in and would need to be gets a Basic
 * challenge; git-lfs asks for credentials only then, also where a repository is hidden.
 */
export function installLfsErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | DomainError>((error, request, reply) => {
    if (error instanceof RepoMoved) {
      return reply.code(307).header('location', movedLocation(request.url, error.target)).send();
    }
    const { message, code } = replyWithError(request, reply, error);
    if (needsLogin(request, code)) challenge(reply);
    // For a commit it is a bad request; here the object itself is the subject.
    if (code === 'LfsObjectMissing') reply.code(404);
    const lock = error instanceof LfsLockTaken ? { lock: lockFields(error.lock) } : {};
    return reply.type(LFS_MEDIA_TYPE).send(JSON.stringify({ ...lock, message, request_id: request.id }));
  });
}

function needsLogin(request: FastifyRequest, code: string): boolean {
  if (code === 'Unauthenticated' || code === 'InvalidCredentials') return true;
  const isHidden = code === 'RepoNotFound' || code === 'GatedRepo';
  return isHidden && request.scope.actor.kind === 'anonymous';
}

function challenge(reply: FastifyReply): void {
  reply.code(401).headers({ 'www-authenticate': CHALLENGE, 'lfs-authenticate': CHALLENGE });
}
