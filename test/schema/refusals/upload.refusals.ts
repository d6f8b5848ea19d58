import { named, type RefusalRows } from './rows.ts';

const sha256 = 'a'.repeat(64);

export const uploadRefusals: RefusalRows = {
  graphql: {},
  trpc: {
    'uploads.preupload': {
      input: (target) => ({ ...named(target), files: [{ path: 'a.txt', sizeBytes: 1 }] }),
      stranger: 'Forbidden',
    },
    'uploads.begin': {
      input: (target) => ({ ...named(target), objects: [{ sha256, sizeBytes: 1 }] }),
      stranger: 'Forbidden',
    },
    // The token is the permission, and this is none.
    'uploads.complete': { input: () => ({ sha256, token: 'none', parts: [] }), stranger: 'Forbidden' },
    'uploads.verify': {
      input: (target) => ({ ...named(target), sha256, sizeBytes: 1 }),
      stranger: 'Forbidden',
    },
  },
};
