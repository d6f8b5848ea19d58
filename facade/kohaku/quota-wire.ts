import type { NamespaceUsage } from '../../src/domain/quota/quota.queries.ts';
import type { RepoQuota } from '../../src/domain/quota/quota.service.ts';
import { z } from 'zod';

const bytes = z.int();
const limit = bytes.nullable().describe('null: no limit');
const share = z.number().nullable().describe('Per cent of the limit; null without one');

/** A part of a namespace's storage and its limit, with what follows from them. */
export function presentRoom(usedBytes: number, quotaBytes: number | null) {
  return {
    quota_bytes: quotaBytes,
    used_bytes: usedBytes,
    available_bytes: quotaBytes === null ? null : Math.max(0, quotaBytes - usedBytes),
    percentage_used: percentage(usedBytes, quotaBytes),
  };
}

export const namespaceQuotaSchema = z.object({
  namespace: z.string(),
  is_organization: z.boolean(),
  quota_bytes: limit,
  used_bytes: bytes,
  available_bytes: limit,
  percentage_used: share,
  private_quota_bytes: limit,
  private_used_bytes: bytes,
  public_quota_bytes: limit,
  public_used_bytes: bytes,
});

/** Both halves together, as the specification has them, and each. */
export function presentNamespaceQuota(usage: NamespaceUsage): z.output<typeof namespaceQuotaSchema> {
  const { privateQuotaBytes, publicQuotaBytes, privateUsedBytes, publicUsedBytes } = usage;
  const isLimited = privateQuotaBytes !== null && publicQuotaBytes !== null;
  return {
    namespace: usage.name,
    is_organization: usage.kind === 'org',
    ...presentRoom(
      privateUsedBytes + publicUsedBytes,
      isLimited ? privateQuotaBytes + publicQuotaBytes : null,
    ),
    private_quota_bytes: privateQuotaBytes,
    private_used_bytes: privateUsedBytes,
    public_quota_bytes: publicQuotaBytes,
    public_used_bytes: publicUsedBytes,
  };
}

export const repoQuotaSchema = z.object({
  repo_id: z.string(),
  repo_type: z.string(),
  namespace: z.string(),
  quota_bytes: limit,
  used_bytes: bytes,
  available_bytes: limit,
  percentage_used: share,
  effective_quota_bytes: limit,
  namespace_quota_bytes: limit,
  namespace_used_bytes: bytes,
  namespace_available_bytes: limit,
  is_inheriting: z.boolean(),
});

/** What is left is what both limits leave. */
export function presentRepoQuota(quota: RepoQuota): z.output<typeof repoQuotaSchema> {
  const { access, namespaceUsedBytes, namespaceQuotaBytes } = quota;
  const { quotaBytes, usedBytes } = access;
  const effective = quotaBytes ?? namespaceQuotaBytes;
  const own = presentRoom(usedBytes, effective);
  const home = presentRoom(namespaceUsedBytes, namespaceQuotaBytes);
  return {
    repo_id: access.fullName,
    repo_type: access.type,
    namespace: access.namespace,
    ...own,
    quota_bytes: quotaBytes,
    available_bytes:
      quotaBytes === null ? home.available_bytes : least(own.available_bytes, home.available_bytes),
    effective_quota_bytes: effective,
    namespace_quota_bytes: namespaceQuotaBytes,
    namespace_used_bytes: namespaceUsedBytes,
    namespace_available_bytes: home.available_bytes,
    is_inheriting: quotaBytes === null,
  };
}

/** One digit behind the point. */
export function percentage(usedBytes: number, quotaBytes: number | null): number | null {
  if (quotaBytes === null) return null;
  if (quotaBytes === 0) return usedBytes > 0 ? 100 : 0;
  return Math.round((usedBytes / quotaBytes) * 1000) / 10;
}

function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
