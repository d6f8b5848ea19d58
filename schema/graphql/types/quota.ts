import type { NamespaceView, RepoQuota } from '../../../src/domain/quota/quota.service.ts';
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

/** The private half is null for strangers. */
export const NamespaceQuotaObject = builder.objectRef<NamespaceView>('NamespaceQuota').implement({
  description: 'What a namespace holds and may hold. A limit that is null is none.',
  fields: (t) => ({
    namespace: t.string({ resolve: ({ usage }) => usage.name }),
    seesPrivate: t.exposeBoolean('seesPrivate', {
      description: 'Whether the private half is for the eyes of the caller',
    }),
    publicUsedBytes: t.field({ type: 'SafeInt', resolve: ({ usage }) => usage.publicUsedBytes }),
    publicQuotaBytes: t.field({
      type: 'SafeInt',
      nullable: true,
      resolve: ({ usage }) => usage.publicQuotaBytes,
    }),
    privateUsedBytes: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Null for strangers',
      resolve: ({ usage, seesPrivate }) => (seesPrivate ? usage.privateUsedBytes : null),
    }),
    privateQuotaBytes: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Null for strangers, and without a limit',
      resolve: ({ usage, seesPrivate }) => (seesPrivate ? usage.privateQuotaBytes : null),
    }),
  }),
});
