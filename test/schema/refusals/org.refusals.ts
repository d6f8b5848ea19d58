import type { RefusalRows } from './rows.ts';

export const orgRefusals: RefusalRows = {
  graphql: {
    createOrganization: { input: () => ({ name: 'not-taken-yet' }), stranger: null },
    updateOrganization: { input: ({ org }) => ({ name: org, bio: 'mine' }), stranger: 'Forbidden' },
    renameOrganization: { input: ({ org }) => ({ name: org, to: `${org}x` }), stranger: 'Forbidden' },
    deleteOrganization: { input: ({ org }) => ({ name: org }), stranger: 'Forbidden' },
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
    'orgs.create': { input: () => ({ name: 'also-not-taken' }), stranger: null },
    'orgs.updateProfile': { input: ({ org }) => ({ name: org, bio: 'mine' }), stranger: 'Forbidden' },
    'orgs.rename': { input: ({ org }) => ({ name: org, to: `${org}x` }), stranger: 'Forbidden' },
    'orgs.delete': { input: ({ org }) => ({ name: org }), stranger: 'Forbidden' },
    'members.add': {
      input: ({ org, owner }) => ({ org, username: owner.name, role: 'admin' }),
      stranger: 'Forbidden',
    },
    'members.changeRole': {
      input: ({ org, owner }) => ({ org, username: owner.name, role: 'visitor' }),
      stranger: 'Forbidden',
    },
    'members.remove': { input: ({ org, owner }) => ({ org, username: owner.name }), stranger: 'Forbidden' },
  },
};
