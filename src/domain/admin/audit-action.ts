/** What administrators do. The codes are stable: programs filter the log by them. */
export const AUDIT_ACTIONS = [
  'user.create',
  'user.suspend',
  'user.reinstate',
  'user.verify-email',
  'user.make-admin',
  'user.unmake-admin',
  'user.end-sessions',
  'user.revoke-tokens',
  'user.remove-ssh-keys',
  'user.delete',
  'org.appoint-super-admin',
  'repo.disable',
  'repo.enable',
  'repo.delete',
  'invitation.create',
  'invitation.cancel',
  'quota.set',
  'quota.recount',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
