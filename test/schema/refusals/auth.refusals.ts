import type { RefusalRow, RefusalRows, Target } from './rows.ts';

/** What everybody may do, with or without a login. */
function forEverybody(input: RefusalRow['input'], code: string | null): RefusalRow {
  return { input, anonymous: code, stranger: code, readToken: code };
}

const emailOf = ({ owner }: Target): { readonly email: string } => ({ email: `${owner.name}@example.test` });
const password = 'correct horse battery';

const login = forEverybody(
  ({ owner }) => ({ username: owner.name, password: 'wrong password' }),
  'InvalidCredentials',
);
const register = forEverybody(({ owner }) => {
  const username = `new-${owner.name}`;
  return { username, email: `${username}@example.test`, password };
}, null);
const verifyEmail = forEverybody(() => ({ token: 'unknown' }), null);
const resendVerification = forEverybody(emailOf, null);
const requestPasswordReset = forEverybody(emailOf, null);
const resetPassword = forEverybody(() => ({ token: 'unknown', newPassword: password }), 'BadRequest');
const changePassword: RefusalRow = {
  input: () => ({ currentPassword: 'that of somebody else', newPassword: password }),
  stranger: 'Forbidden',
};

export const authRefusals: RefusalRows = {
  graphql: {
    login,
    register,
    verifyEmail,
    resendVerification,
    requestPasswordReset,
    resetPassword,
    changePassword,
  },
  trpc: {
    'auth.login': login,
    'auth.register': register,
    'auth.verifyEmail': verifyEmail,
    'auth.resendVerification': resendVerification,
    'auth.requestPasswordReset': requestPasswordReset,
    'auth.resetPassword': resetPassword,
    'auth.changePassword': changePassword,
  },
};
