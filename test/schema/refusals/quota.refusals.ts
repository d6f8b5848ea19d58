import { named, type RefusalRows } from './rows.ts';

export const quotaRefusals: RefusalRows = {
  graphql: {
    setNamespaceQuota: {
      input: ({ owner }) => ({ namespace: owner.name, publicQuotaBytes: 1 }),
      stranger: 'Forbidden',
    },
    recountNamespace: { input: ({ owner }) => ({ namespace: owner.name }), stranger: 'Forbidden' },
    setRepoQuota: { input: (target) => ({ ...named(target), quotaBytes: 1 }), stranger: 'Forbidden' },
    recountRepo: { input: named, stranger: 'Forbidden' },
  },
  trpc: {
    'quotas.setLimits': {
      input: ({ owner }) => ({ namespace: owner.name, publicQuotaBytes: 1 }),
      stranger: 'Forbidden',
    },
    'quotas.recount': { input: ({ owner }) => ({ namespace: owner.name }), stranger: 'Forbidden' },
    'quotas.setRepoLimit': {
      input: (target) => ({ ...named(target), quotaBytes: 1 }),
      stranger: 'Forbidden',
    },
    'quotas.recountRepo': { input: named, stranger: 'Forbidden' },
  },
};
