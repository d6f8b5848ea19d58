import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';
import { readCommitBody } from '../wire/commit-ndjson.ts';
import { presentCommitResult } from '../wire/commit-presenter.ts';
import { queryBoolean } from '../wire/parse.ts';
import { repoRef } from '../wire/repo-params.ts';
import { discardRest, readBody } from '../wire/request-body.ts';
import { API_REPO, RepoRestPath } from './repo-paths.ts';

const Query = z.object({ create_pr: queryBoolean.default(false) });

const MEDIA_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/json'];
/** A client that sends nothing for so long is gone. */
const MAX_IDLE_MS = 30_000;

/** POST commit/{branch}: huggingface_hub `create_commit`. The body is a stream; nothing of it is held but the line at hand. */
export const commitRoute: FastifyPluginAsyncZod = async (app) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(MEDIA_TYPES, (_request, payload, done) => done(null, payload));
  app.post(
    `${API_REPO}/commit/*`,
    { schema: { summary: 'Commit', tags: ['upload'], params: RepoRestPath, querystring: Query } },
    async (request) => {
      const { services, actor, config } = request.scope;
      const repo = repoRef(request.params);
      try {
        const { header, operations } = await readCommitBody(bodyOf(request), config.limits);
        const commit = { ...header, operations, createsPullRequest: request.query.create_pr };
        const result = await services.commits.commit(actor, repo, request.params['*'], commit);
        return presentCommitResult(config.baseUrl, repo, result);
      } finally {
        discardRest(request.raw);
      }
    },
  );
};

function bodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  const { limits } = request.scope.config;
  if (!(request.body instanceof Readable)) throw new BadRequest('The commit is empty.');
  return readBody(
    { stream: request.body, contentEncoding: request.headers['content-encoding'] },
    {
      bodyBytes: limits.commitBodyBytes,
      idleMs: Math.min(MAX_IDLE_MS, limits.requestTimeoutMs),
      waitMs: limits.requestTimeoutMs,
    },
  );
}
