import type { RefusalRows, Target } from './rows.ts';

/** The token of the owner's headers. */
function tokenIdOf({ owner: { actor } }: Target): number {
  if (actor.kind !== 'user' || actor.credential.kind !== 'token') throw new Error('the owner has no token');
  return actor.credential.tokenId;
}

export const tokenRefusals: RefusalRows = {
  graphql: {
    createToken: { input: () => ({ name: 'laptop' }), stranger: null },
    deleteToken: {
      input: (target) => ({ id: btoa(`AccessToken:${tokenIdOf(target)}`) }),
      stranger: 'NotFound',
    },
  },
  trpc: {
    'tokens.create': { input: () => ({ name: 'laptop' }), stranger: null },
    'tokens.delete': { input: (target) => ({ id: tokenIdOf(target) }), stranger: 'NotFound' },
  },
};
