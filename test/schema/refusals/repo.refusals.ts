import { named, type RefusalRows } from './rows.ts';

export const repoRefusals: RefusalRows = {
  graphql: {
    createRepo: {
      input: ({ owner }) => ({ namespace: owner.name, name: 'not-mine' }),
      stranger: 'Forbidden',
    },
    moveRepo: {
      input: (target) => ({ ...named(target), to: `${target.owner.name}/moved` }),
      stranger: 'Forbidden',
    },
    updateRepoSettings: {
      input: (target) => ({ ...named(target), visibility: 'PRIVATE' }),
      stranger: 'Forbidden',
    },
    deleteRepo: { input: named, stranger: 'Forbidden' },
  },
  trpc: {
    'repos.create': {
      input: ({ owner }) => ({ namespace: owner.name, name: 'not-mine' }),
      stranger: 'Forbidden',
    },
    'repos.move': {
      input: (target) => ({ ...named(target), to: `${target.owner.name}/moved` }),
      stranger: 'Forbidden',
    },
    'repos.updateSettings': {
      input: (target) => ({ ...named(target), visibility: 'private' }),
      stranger: 'Forbidden',
    },
    'repos.delete': { input: named, stranger: 'Forbidden' },
  },
};
