import type { NamespaceUsage, RepoUsage } from '../../../src/domain/quota/quota.queries.ts';
import type { NamespaceView, RepoQuota } from '../../../src/domain/quota/quota.service.ts';

/** What a namespace holds and may hold; null is no limit. */
export function namespaceQuotaDto(usage: NamespaceUsage) {
  const { name, kind, privateUsedBytes, privateQuotaBytes, publicUsedBytes, publicQuotaBytes } = usage;
  return { name, kind, privateUsedBytes, privateQuotaBytes, publicUsedBytes, publicQuotaBytes };
}

/** Likewise for everybody: the private half is null for strangers. */
export function namespaceViewDto({ usage, seesPrivate }: NamespaceView) {
  const { name, kind, publicUsedBytes, publicQuotaBytes } = usage;
  const { privateUsedBytes, privateQuotaBytes } = seesPrivate
    ? usage
    : { privateUsedBytes: null, privateQuotaBytes: null };
  return { name, kind, seesPrivate, publicUsedBytes, publicQuotaBytes, privateUsedBytes, privateQuotaBytes };
}

export function repoUsageDto(repo: RepoUsage) {
  const { id, type, name, isPrivate, usedBytes, quotaBytes, createdAt } = repo;
  return { id, type, name, isPrivate, usedBytes, quotaBytes, createdAt: createdAt.toISOString() };
}

export function repoQuotaDto({ access, namespaceUsedBytes, namespaceQuotaBytes }: RepoQuota) {
  const { type, fullName, usedBytes, quotaBytes } = access;
  return { type, fullName, usedBytes, quotaBytes, namespaceUsedBytes, namespaceQuotaBytes };
}
