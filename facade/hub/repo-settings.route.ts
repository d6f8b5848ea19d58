import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type RepoSettings, VISIBILITIES } from '../../src/domain/repo/repo-settings.ts';
import { GATED_MODES } from '../../src/domain/repo/repo.entity.ts';
import { visibilityOf } from '../wire/repo-body.ts';
import { presentLfsSettings } from '../wire/lfs-settings-presenter.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, REPO_SPELLINGS, RepoPath } from './repo-paths.ts';

const Body = z.object({
  visibility: z.enum(VISIBILITIES).nullish(),
  private: z.boolean().nullish().describe('Older clients send this instead of `visibility`; it wins'),
  gated: z.union([z.literal(false), z.enum(GATED_MODES)]).nullish(),
  xetEnabled: z.boolean().nullish().describe('Accepted from clients 0.30 to 0.36 and ignored'),
  lfs_threshold_bytes: z.number().nullish().describe('null resets to the default of the server'),
  lfs_keep_versions: z.number().nullish().describe('null resets to the default of the server'),
  lfs_suffix_rules: z.array(z.string()).nullish().describe('null resets to the default of the server'),
});

/** PUT settings: huggingface_hub `update_repo_settings` and the LFS settings; GET lfs/settings. */
export const repoSettingsRoute: FastifyPluginAsyncZod = async (app) => {
  for (const repoPath of REPO_SPELLINGS) {
    app.put(
      `${repoPath}/settings`,
      {
        schema: {
          summary: 'Change settings of a repository',
          tags: ['repositories'],
          params: RepoPath,
          body: Body,
        },
      },
      async (request) => {
        const { services, actor } = request.scope;
        await services.repos.updateSettings(actor, repoRef(request.params), parseSettings(request.body));
        return { success: true, message: 'Settings changed' };
      },
    );
  }
  app.get(
    `${API_REPO}/lfs/settings`,
    { schema: { summary: 'LFS settings of a repository', tags: ['repositories'], params: RepoPath } },
    async (request) => {
      const { services, actor, config } = request.scope;
      const repo = await services.access.require(actor, repoRef(request.params), 'read');
      return presentLfsSettings(repo, config.lfs);
    },
  );
};

function parseSettings(body: z.output<typeof Body>): RepoSettings {
  return {
    visibility: visibilityOf(body),
    gated: body.gated === false ? null : body.gated,
    lfsThresholdBytes: body.lfs_threshold_bytes,
    lfsKeepVersions: body.lfs_keep_versions,
    lfsSuffixRules: body.lfs_suffix_rules,
  };
}
