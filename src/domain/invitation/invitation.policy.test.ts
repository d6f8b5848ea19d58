import { expect, test } from 'vitest';
import { type InvitationState, problemOf } from './invitation.policy.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const inviter = { isActive: true, isAdmin: false, orgRole: 'admin' } as const;
const join: InvitationState = {
  action: 'join_org',
  role: 'member',
  maxUsage: 1,
  usageCount: 0,
  expiresAt: new Date(NOW.getTime() + 1),
  inviter,
};
const registration: InvitationState = {
  ...join,
  action: 'register_account',
  role: null,
  inviter: { isActive: true, isAdmin: true, orgRole: null },
};

test.each([
  ['one use', join],
  ['the last of three uses', { ...join, maxUsage: 3, usageCount: 2 }],
  ['unlimited uses', { ...join, maxUsage: null, usageCount: 99 }],
  ['the role of its maker', { ...join, role: 'admin' }],
  ['an account', registration],
  [
    'an account and an organisation',
    { ...registration, role: 'member', inviter: { ...inviter, isAdmin: true } },
  ],
] as const)('an invitation with %s works', (_, state) => {
  expect(problemOf(state, NOW)).toBeNull();
});

test.each([
  ['expired', { ...join, expiresAt: NOW }],
  ['used up', { ...join, usageCount: 1 }],
  ['used up', { ...join, maxUsage: 3, usageCount: 3 }],
  ['may not invite', { ...join, inviter: { ...inviter, isActive: false } }],
  ['may not invite', { ...join, inviter: { ...inviter, orgRole: null } }],
  ['may not invite', { ...join, inviter: { ...inviter, orgRole: 'member' } }],
  ['may not invite', { ...join, role: 'super-admin' }],
  ['may not invite', { ...registration, inviter: { ...registration.inviter, isAdmin: false } }],
  ['may not invite', { ...registration, role: 'visitor' }],
] as const)('it does not when it is %s: %j', (word, state) => {
  expect(problemOf(state, NOW)).toContain(word);
});
