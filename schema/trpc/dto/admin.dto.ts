import type { AdminOrg } from '../../../src/domain/admin/admin-org.queries.ts';
import type { AdminRepo } from '../../../src/domain/admin/admin-repo.queries.ts';
import type { AdminUser, AdminUserDetails } from '../../../src/domain/admin/admin-user.queries.ts';
import type { AuditRecord } from '../../../src/domain/admin/audit.queries.ts';
import type { Logins } from '../../../src/domain/admin/login.queries.ts';

/** A person as administrators see him in lists. */
export function adminUserDto(user: AdminUser) {
  return {
    id: user.id,
    name: user.name,
    fullName: user.fullName,
    email: user.email,
    isEmailVerified: user.isEmailVerified,
    isActive: user.isActive,
    isAdmin: user.isAdmin,
    privateQuotaBytes: user.privateQuotaBytes,
    publicQuotaBytes: user.publicQuotaBytes,
    privateUsedBytes: user.privateUsedBytes,
    publicUsedBytes: user.publicUsedBytes,
    createdAt: user.createdAt.toISOString(),
  };
}

/** With what hangs on the account. */
export function adminUserDetailsDto(user: AdminUserDetails) {
  const { repoCount, orgCount, sessionCount, tokenCount, sshKeyCount } = user;
  return { ...adminUserDto(user), repoCount, orgCount, sessionCount, tokenCount, sshKeyCount };
}

/** How somebody is logged in, without secrets. */
export function loginsDto({ sessions, tokens, sshKeys }: Logins) {
  return {
    sessions: sessions.map(({ id, userAgent, createdAt, expiresAt }) => ({
      id,
      userAgent,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    })),
    tokens: tokens.map(({ id, name, role, createdAt, lastUsedAt, expiresAt }) => ({
      id,
      name,
      role,
      createdAt: createdAt.toISOString(),
      lastUsedAt: maybe(lastUsedAt),
      expiresAt: maybe(expiresAt),
    })),
    sshKeys: sshKeys.map(({ id, title, keyType, fingerprint, createdAt, lastUsedAt }) => ({
      id,
      title,
      keyType,
      fingerprint,
      createdAt: createdAt.toISOString(),
      lastUsedAt: maybe(lastUsedAt),
    })),
  };
}

export function adminOrgDto(org: AdminOrg) {
  return {
    id: org.id,
    name: org.name,
    fullName: org.fullName,
    memberCount: org.memberCount,
    activeSuperAdminCount: org.activeSuperAdminCount,
    privateQuotaBytes: org.privateQuotaBytes,
    publicQuotaBytes: org.publicQuotaBytes,
    privateUsedBytes: org.privateUsedBytes,
    publicUsedBytes: org.publicUsedBytes,
    createdAt: org.createdAt.toISOString(),
  };
}

export function adminRepoDto(repo: AdminRepo) {
  return {
    id: repo.id,
    type: repo.type,
    fullName: `${repo.namespace}/${repo.name}`,
    visibility: repo.isPrivate ? ('private' as const) : ('public' as const),
    isGated: repo.isGated,
    isDisabled: repo.isDisabled,
    usedBytes: repo.usedBytes,
    quotaBytes: repo.quotaBytes,
    createdAt: repo.createdAt.toISOString(),
    lastModifiedAt: repo.lastModifiedAt.toISOString(),
  };
}

/** An entry of the audit log; names are those of that moment. */
export function auditDto(entry: AuditRecord) {
  const { id, at, actorName, action, subjectKind, subjectName, details, address } = entry;
  return { id, at: at.toISOString(), actorName, action, subjectKind, subjectName, details, address };
}

function maybe(date: Date | null): string | null {
  return date && date.toISOString();
}
