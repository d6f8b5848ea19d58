import { named, type RefusalRows } from './rows.ts';

const oid = 'a'.repeat(64);

export const uploadRefusals: RefusalRows = {
  graphql: {},
  trpc: {
    'uploads.preupload': {
      input: (target) => ({ ...named(target), files: [{ path: 'a.txt', sizeBytes: 1 }] }),
      stranger: 'Forbidden',
    },
    'uploads.begin': {
      input: (target) => ({ ...named(target), objects: [{ oid, sizeBytes: 1 }] }),
      stranger: 'Forbidden',
    },
    // The token is the permission, and this is none.
    'uploads.complete': { input: () => ({ oid, token: 'none', parts: [] }), stranger: 'Forbidden' },
    'uploads.verify': {
      input: (target) => ({ ...named(target), oid, sizeBytes: 1 }),
      stranger: 'Forbidden',
    },
  },
};
