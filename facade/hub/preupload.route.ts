import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { PreuploadAnswer } from '../../src/domain/upload/preupload.service.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { queryBoolean } from '../wire/parse.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoRestPath } from './repo-paths.ts';

const File = z.object({
  path: z.string(),
  size: z.int().min(0),
  sha256: z.string().toLowerCase().nullish(),
});
const Body = z.object({
  files: z.array(File),
  gitIgnore: z.string().nullish(),
  gitAttributes: z.string().nullish(),
});
const Query = z.object({ create_pr: queryBoolean.default(false) });

/** POST preupload/{branch}: what huggingface_hub asks before each commit. It also sends a sample of each file; nothing depends on it. */
export const preuploadRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    `${API_REPO}/preupload/*`,
    {
      schema: {
        summary: 'Ask how to upload files',
        tags: ['upload'],
        params: RepoRestPath,
        querystring: Query,
        body: Body,
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { files, gitIgnore = null, gitAttributes = null } = request.body;
      const result = await services.preuploads.check(actor, repoRef(request.params), request.params['*'], {
        files: files.map(toFile),
        rules: { gitIgnore, gitAttributes },
        createsPullRequest: request.query.create_pr,
      });
      return { files: result.files.map(presentAnswer), commitOid: result.commitOid };
    },
  );
};

function toFile({ path, size, sha256 }: z.output<typeof File>) {
  return { path: parseRepoPath(path), sizeBytes: size, sha256: sha256 ? parseSha256(sha256) : null };
}

function presentAnswer({ oid, ...answer }: PreuploadAnswer) {
  return { ...answer, ...(oid !== null && { oid }) };
}
