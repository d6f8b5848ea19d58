import { expect, test } from 'vitest';
import { ORG_ROLES } from './membership.entity.ts';
import { mayChangeMember, mayManageMembers } from './org.policy.ts';

test('only admins and super-admins manage members', () => {
  expect([null, ...ORG_ROLES].filter(mayManageMembers)).toEqual(['admin', 'super-admin']);
});

test.each([
  ['admin', null, 'visitor', true],
  ['admin', 'member', 'admin', true],
  ['admin', 'admin', 'visitor', true],
  ['admin', 'admin', 'super-admin', false],
  ['admin', null, 'super-admin', false],
  ['admin', 'super-admin', 'member', false],
  ['admin', 'super-admin', null, false],
  ['super-admin', 'super-admin', null, true],
  ['super-admin', 'member', 'super-admin', true],
] as const)('%s turns %s into %s: %s', (manager, from, to, allowed) => {
  expect(mayChangeMember(manager, from, to)).toBe(allowed);
});
