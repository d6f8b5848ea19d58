import { named, type RefusalRows } from './rows.ts';

export const likeRefusals: RefusalRows = {
  graphql: {
    likeRepo: { input: (target) => ({ repo: named(target) }), stranger: null },
    unlikeRepo: { input: (target) => ({ repo: named(target) }), stranger: null },
  },
  trpc: {
    'likes.like': { input: named, stranger: null },
    'likes.unlike': { input: named, stranger: null },
  },
};
