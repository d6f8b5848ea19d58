import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';

/** A repository as procedures answer with it: JSON values, dates as ISO 8601 in UTC. */
export function repoDto(repo: RepoAccess) {
  return {
    id: repo.id,
    type: repo.type,
    namespace: repo.namespace,
    name: repo.name,
    fullName: repo.fullName,
    visibility: repo.isPrivate ? ('private' as const) : ('public' as const),
    gated: repo.gated,
    isDisabled: repo.isDisabled,
    usedBytes: repo.usedBytes,
    quotaBytes: repo.quotaBytes,
    lfsThresholdBytes: repo.lfsThresholdBytes,
    lfsKeepVersions: repo.lfsKeepVersions,
    lfsSuffixRules: repo.lfsSuffixRules,
    downloads: repo.downloads,
    downloadsAllTime: repo.downloadsAllTime,
    likesCount: repo.likesCount,
    trendingScore: repo.trendingScore,
    sdk: repo.sdk,
    card: repo.card,
    tags: repo.tags,
    pipelineTag: repo.pipelineTag,
    libraryName: repo.libraryName,
    parameterCount: repo.safetensors?.total ?? null,
    headOid: repo.headOid as string | null,
    lastModifiedAt: repo.lastModifiedAt.toISOString(),
    createdAt: repo.createdAt.toISOString(),
  };
}
