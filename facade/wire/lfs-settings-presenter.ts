import type { Config } from '../../src/config.ts';
import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';

/** LFS settings of a repository, what they come to, and where each comes from (specification: LFS Settings). */
export function presentLfsSettings(repo: RepoAccess, server: Config['lfs']) {
  return {
    lfs_threshold_bytes: repo.lfsThresholdBytes,
    lfs_threshold_bytes_effective: repo.lfsThresholdBytes ?? server.thresholdBytes,
    lfs_threshold_bytes_source: sourceOf(repo.lfsThresholdBytes),
    lfs_keep_versions: repo.lfsKeepVersions,
    lfs_keep_versions_effective: repo.lfsKeepVersions ?? server.keepVersions,
    lfs_keep_versions_source: sourceOf(repo.lfsKeepVersions),
    lfs_suffix_rules: repo.lfsSuffixRules,
    lfs_suffix_rules_effective: [...new Set([...server.suffixRules, ...(repo.lfsSuffixRules ?? [])])],
    server_defaults: {
      lfs_threshold_bytes: server.thresholdBytes,
      lfs_keep_versions: server.keepVersions,
      lfs_suffix_rules: server.suffixRules,
    },
  };
}

function sourceOf(ownValue: number | null): 'repository' | 'server_default' {
  return ownValue === null ? 'server_default' : 'repository';
}
