import type { RefusalRow, RefusalRows } from './rows.ts';

const NOBODYS = 999_999;
const byLink: RefusalRow = { input: () => ({ token: 'unknown' }), stranger: 'NotFound' };
const toOrg: RefusalRow = { input: ({ org }) => ({ organization: org }), stranger: 'Forbidden' };
const toRegister: RefusalRow = { input: () => ({}), stranger: 'Forbidden' };

export const invitationRefusals: RefusalRows = {
  graphql: {
    createOrganizationInvitation: toOrg,
    createRegistrationInvitation: toRegister,
    acceptInvitation: byLink,
    cancelInvitation: byLink,
    cancelOrganizationInvitation: {
      input: ({ org }) => ({ organization: org, id: btoa(`Invitation:${NOBODYS}`) }),
      stranger: 'Forbidden',
    },
  },
  trpc: {
    'invitations.createForOrganization': toOrg,
    'invitations.createForRegistration': toRegister,
    'invitations.accept': byLink,
    'invitations.cancel': byLink,
    'invitations.cancelForOrganization': {
      input: ({ org }) => ({ organization: org, id: NOBODYS }),
      stranger: 'Forbidden',
    },
  },
};
