import { named, type RefusalRow, type RefusalRows } from './rows.ts';

/** Nobody who may not cancel it learns whether it is there. */
const INVITATION = Buffer.from('Invitation:1').toString('base64');

type Input = RefusalRow['input'];

/** The owner is no administrator either. */
const forAdmins = (input: Input): RefusalRow => ({ input, stranger: 'Forbidden' });

const user: Input = ({ owner }) => ({ username: owner.name });

export const adminRefusals: RefusalRows = {
  graphql: {
    adminCreateUser: forAdmins(() => ({ username: 'not-there-yet', password: 'correct horse battery' })),
    adminSuspendUser: forAdmins(user),
    adminReinstateUser: forAdmins(user),
    adminVerifyEmail: forAdmins(user),
    adminMakeAdmin: forAdmins(user),
    adminUnmakeAdmin: forAdmins(user),
    adminDeleteUser: forAdmins(user),
    adminEndLogins: forAdmins(({ owner }) => ({ username: owner.name, kind: 'TOKENS' })),
    adminAppointSuperAdmin: forAdmins(({ org, owner }) => ({ organization: org, username: owner.name })),
    adminSetRepoDisabled: forAdmins((target) => ({ ...named(target), isDisabled: true })),
    adminDeleteRepo: forAdmins(named),
    adminCancelInvitation: forAdmins(() => ({ id: INVITATION })),
  },
  trpc: {
    'admin.users.create': forAdmins(() => ({ username: 'not-there-yet', password: 'correct horse battery' })),
    'admin.users.suspend': forAdmins(user),
    'admin.users.reinstate': forAdmins(user),
    'admin.users.verifyEmail': forAdmins(user),
    'admin.users.makeAdmin': forAdmins(user),
    'admin.users.unmakeAdmin': forAdmins(user),
    'admin.users.delete': forAdmins(user),
    'admin.logins.end': forAdmins(({ owner }) => ({ username: owner.name, kind: 'tokens' })),
    'admin.organizations.appoint': forAdmins(({ org, owner }) => ({
      organization: org,
      username: owner.name,
    })),
    'admin.repos.setDisabled': forAdmins((target) => ({ ...named(target), isDisabled: true })),
    'admin.repos.delete': forAdmins(named),
    'admin.invitations.cancel': forAdmins(() => ({ id: 1 })),
  },
};
