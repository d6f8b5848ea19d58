import type { RefusalRow, RefusalRows } from './rows.ts';

const updateProfile: RefusalRow = {
  input: ({ owner }) => ({ username: owner.name, fullName: 'Somebody else' }),
  stranger: 'Forbidden',
};
/** Everybody changes his own address. */
const requestEmailChange: RefusalRow = {
  input: ({ owner }) => ({ email: `new-${owner.name}@example.test` }),
  stranger: null,
};
/** The link of the mail is what permits it. */
const confirmEmailChange: RefusalRow = {
  input: () => ({ token: 'unknown' }),
  anonymous: null,
  stranger: null,
  readToken: null,
};
const setAvatar: RefusalRow = {
  input: ({ owner }) => ({ namespace: owner.name, imageBase64: btoa('no picture') }),
  stranger: 'Forbidden',
};
const removeAvatar: RefusalRow = { input: ({ owner }) => ({ namespace: owner.name }), stranger: 'Forbidden' };
const deleteAccount: RefusalRow = {
  input: ({ owner }) => ({ username: owner.name, password: owner.password }),
  stranger: 'Forbidden',
};

export const accountRefusals: RefusalRows = {
  graphql: { updateProfile, requestEmailChange, confirmEmailChange, setAvatar, removeAvatar, deleteAccount },
  trpc: {
    'account.updateProfile': updateProfile,
    'account.requestEmailChange': requestEmailChange,
    'account.confirmEmailChange': confirmEmailChange,
    'account.setAvatar': setAvatar,
    'account.removeAvatar': removeAvatar,
    'account.delete': deleteAccount,
  },
};
