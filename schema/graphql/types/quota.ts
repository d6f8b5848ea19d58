import type { RepoQuota } from '../../../src/domain/quota/quota.service.ts';
import { builder } from '../builder.ts';

/** A repository's storage, and that of the half of its namespace which it counts in. Null means no limit. */
export const RepoQuotaObject = builder.objectRef<RepoQuota>('RepoQuota').implement({
  fields: (t) => ({
    usedBytes: t.field({ type: 'SafeInt', resolve: ({ access }) => access.usedBytes }),
    quotaBytes: t.field({ type: 'SafeInt', nullable: true, resolve: ({ access }) => access.quotaBytes }),
    namespaceUsedBytes: t.expose('namespaceUsedBytes', { type: 'SafeInt' }),
    namespaceQuotaBytes: t.expose('namespaceQuotaBytes', { type: 'SafeInt', nullable: true }),
  }),
});
