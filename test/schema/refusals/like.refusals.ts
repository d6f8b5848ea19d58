import { named, type RefusalRows } from './rows.ts';

export const likeRefusals: RefusalRows = {
  graphql: {
    likeRepo: { input: named, stranger: null },
    unlikeRepo: { input: named, stranger: null },
  },
  trpc: {
    'likes.like': { input: named, stranger: null },
    'likes.unlike': { input: named, stranger: null },
  },
};
