import type { RefusalRows } from './rows.ts';

export const orgRefusals: RefusalRows = {
  graphql: {
    createOrganization: { input: () => ({ organization: 'not-taken-yet' }), stranger: null },
    updateOrganization: { input: ({ org }) => ({ organization: org, bio: 'mine' }), stranger: 'Forbidden' },
    renameOrganization: { input: ({ org }) => ({ organization: org, to: `${org}x` }), stranger: 'Forbidden' },
    deleteOrganization: { input: ({ org }) => ({ organization: org }), stranger: 'Forbidden' },
    addMember: {
      input: ({ org, owner }) => ({ organization: org, username: owner.name, role: 'ADMIN' }),
      stranger: 'Forbidden',
    },
    changeMemberRole: {
      input: ({ org, owner }) => ({ organization: org, username: owner.name, role: 'VISITOR' }),
      stranger: 'Forbidden',
    },
    removeMember: {
      input: ({ org, owner }) => ({ organization: org, username: owner.name }),
      stranger: 'Forbidden',
    },
  },
  trpc: {
    'organizations.create': { input: () => ({ organization: 'also-not-taken' }), stranger: null },
    'organizations.updateProfile': {
      input: ({ org }) => ({ organization: org, bio: 'mine' }),
      stranger: 'Forbidden',
    },
    'organizations.rename': {
      input: ({ org }) => ({ organization: org, to: `${org}x` }),
      stranger: 'Forbidden',
    },
    'organizations.delete': { input: ({ org }) => ({ organization: org }), stranger: 'Forbidden' },
    'members.add': {
      input: ({ org, owner }) => ({ organization: org, username: owner.name, role: 'admin' }),
      stranger: 'Forbidden',
    },
    'members.changeRole': {
      input: ({ org, owner }) => ({ organization: org, username: owner.name, role: 'visitor' }),
      stranger: 'Forbidden',
    },
    'members.remove': {
      input: ({ org, owner }) => ({ organization: org, username: owner.name }),
      stranger: 'Forbidden',
    },
  },
};
