import type { RefusalRows } from './rows.ts';

const token = () => ({ url: 'https://hub.example.org', token: 'x' });
const tokens = () => ({ tokens: [token()] });
/** Nobody can aim at the tokens of somebody else: there is no name in the input. */
const stranger = null;

export const externalTokenRefusals: RefusalRows = {
  graphql: {
    saveExternalToken: { input: token, stranger },
    replaceExternalTokens: { input: tokens, stranger },
    deleteExternalToken: { input: () => ({ url: 'https://hub.example.org' }), stranger: 'NotFound' },
  },
  trpc: {
    'externalTokens.save': { input: token, stranger },
    'externalTokens.replace': { input: tokens, stranger },
    'externalTokens.delete': { input: () => ({ url: 'https://hub.example.org' }), stranger: 'NotFound' },
  },
};
