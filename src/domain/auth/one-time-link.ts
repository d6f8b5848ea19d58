import type { EntityManager } from '@mikro-orm/postgresql';
import type { Email } from '../account/email.ts';
import { OneTimeToken, type OneTimePurpose } from './one-time-token.entity.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** Whom a mailed secret belongs to, and the address it was sent to. */
export interface TakenLink {
  readonly userId: number;
  readonly username: string;
  readonly isActive: boolean;
  readonly email: string;
}

export interface NewLink {
  readonly purpose: OneTimePurpose;
  readonly userId: number;
  readonly email: Email;
  readonly ttlMs: number;
}

/** Stores a new secret for a mail; older ones of this user for this purpose stop working. @returns the secret. */
export async function newOneTimeLink(
  em: EntityManager,
  { purpose, userId, email, ttlMs }: NewLink,
): Promise<string> {
  const secret = newSecret();
  await em.nativeDelete(OneTimeToken, { user: userId, purpose });
  const expiresAt = new Date(Date.now() + ttlMs);
  await em.insert(OneTimeToken, { purpose, tokenHash: hashSecret(secret), user: userId, email, expiresAt });
  return secret;
}

/** Whether a mailed secret would work now. */
export async function isOneTimeLink(
  em: EntityManager,
  purpose: OneTimePurpose,
  secret: string,
): Promise<boolean> {
  const tokenHash = hashSecret(secret);
  return (await em.count(OneTimeToken, { tokenHash, purpose, expiresAt: { $gt: new Date() } })) > 0;
}

/** Uses a mailed secret up. @returns null when it does not work: unknown, used, or too old. */
export async function takeOneTimeLink(
  em: EntityManager,
  purpose: OneTimePurpose,
  secret: string,
): Promise<TakenLink | null> {
  const link = await em.findOne(
    OneTimeToken,
    { tokenHash: hashSecret(secret), purpose, expiresAt: { $gt: new Date() } },
    { populate: ['user'] },
  );
  if (!link || (await em.nativeDelete(OneTimeToken, { id: link.id })) === 0) return null;
  const { id, name, isActive } = link.user.$;
  return { userId: id, username: name, isActive, email: link.email };
}
