import { z } from 'zod';
import type { SshKeyInfo } from '../../src/domain/auth/ssh-key.service.ts';
import { wireDate } from '../wire/dates.ts';
import { wireDateSchema } from './schemas.ts';

/** An SSH key as the specification shows it. */
export const SshKeyBody = z.object({
  id: z.int(),
  title: z.string(),
  key_type: z.string(),
  fingerprint: z.string(),
  created_at: wireDateSchema,
  last_used: wireDateSchema.nullable(),
});

export const SshKeyParams = z.object({ id: z.coerce.number().int().positive() });

export function presentSshKey(key: SshKeyInfo): z.output<typeof SshKeyBody> {
  return {
    id: key.id,
    title: key.title,
    key_type: key.keyType,
    fingerprint: key.fingerprint,
    created_at: wireDate(key.createdAt),
    last_used: key.lastUsedAt && wireDate(key.lastUsedAt),
  };
}
