import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { parseXetHash } from '../../src/xet/xet-hash.ts';
import { parseRepoId } from '../../src/domain/repo/repo-ref.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoPath } from './repo-paths.ts';

/** huggingface_hub sends 500 at a time. */
const MAX_FILES = 1000;

const Body = z.object({
  target: z.object({ type: z.enum(REPO_TYPES), name: z.string().describe('`namespace/name`') }),
  files: z
    .array(
      z.object({
        xetHash: z.string().max(200),
        sha256: z.string().max(200),
        filename: z.string().optional().describe('Accepted and ignored'),
      }),
    )
    .max(MAX_FILES),
});

/** POST lfs-files/duplicate: huggingface_hub copies files from this repository to another one; a commit there follows. */
export const lfsDuplicateRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    `${API_REPO}/lfs-files/duplicate`,
    {
      schema: {
        summary: 'Let files be committed to another repository',
        tags: ['upload'],
        params: RepoPath,
        body: Body,
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { target, files } = request.body;
      const failed = await services.lfsDuplicates.duplicate(
        actor,
        {
          source: repoRef(request.params),
          target: { type: target.type, ...parseRepoId(target.name, 'target.name') },
        },
        files.map((file) => ({ sha256: parseSha256(file.sha256), xetHash: parseXetHash(file.xetHash) })),
      );
      return {
        failed: failed.map(({ sha256 }) => ({
          sha256,
          error: 'The source repository has no such file. List its files again, then repeat the copy.',
        })),
      };
    },
  );
};
