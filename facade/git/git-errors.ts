import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { type DomainError, RepoMoved } from '../../src/domain/errors.ts';
import { replyWithError } from '../errors.ts';
import { movedLocation } from '../wire/repo-params.ts';

/**
 * Git shows plain text that comes with an error of `info/refs`. It asks its user for credentials only after a challenge, so that everybody
 * who is not logged in gets one where a login could help: also where a repository is hidden, and so where there is none.
 */
export function installGitErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | DomainError>((error, request, reply) => {
    if (error instanceof RepoMoved) {
      return reply.code(307).header('location', movedLocation(request.url, error.target)).send();
    }
    const { message, code } = replyWithError(request, reply, error);
    if (needsLogin(request, code)) reply.code(401).header('www-authenticate', 'Basic realm="Kohaku Hub"');
    return reply.type('text/plain; charset=utf-8').send(`${message}\n`);
  });
}

function needsLogin(request: FastifyRequest, code: string): boolean {
  if (code === 'Unauthenticated' || code === 'InvalidCredentials') return true;
  const isClosed = code === 'RepoNotFound' || code === 'GatedRepo';
  return isClosed && request.scope.actor.kind === 'anonymous';
}
