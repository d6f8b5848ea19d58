import type { RefusalRow, RefusalRows } from './rows.ts';

const NOBODYS = 999_999;
const NOTHING = (): Record<string, unknown> => ({});

/** Callers of the table come with tokens, which are no sessions. */
const logout: RefusalRow = { input: NOTHING, stranger: 'BadRequest', readToken: 'BadRequest' };

export const sessionRefusals: RefusalRows = {
  graphql: {
    logout,
    endSession: { input: () => ({ id: btoa(`Session:${NOBODYS}`) }), stranger: 'NotFound' },
    endOtherSessions: { input: NOTHING, stranger: null },
  },
  trpc: {
    'auth.logout': logout,
    'sessions.end': { input: () => ({ id: NOBODYS }), stranger: 'NotFound' },
    'sessions.endOthers': { input: NOTHING, stranger: null },
  },
};
