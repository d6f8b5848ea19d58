import type { SshKeyInfo } from '../../../src/domain/auth/ssh-key.service.ts';

export function sshKeyDto({ lastUsedAt, createdAt, ...key }: SshKeyInfo) {
  return {
    ...key,
    lastUsedAt: lastUsedAt && lastUsedAt.toISOString(),
    createdAt: createdAt.toISOString(),
  };
}
