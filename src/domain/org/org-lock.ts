import { ForeignKeyConstraintViolationException, LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '../account/account.entity.ts';
import { NotFound } from '../errors.ts';
import { normalizeName } from '../names.ts';
import { Membership, type OrgRole } from './membership.entity.ts';

/** What changes of an organisation need to know of it. */
export interface OrgKey {
  readonly id: number;
  readonly name: string;
}

/**
 * Locks an organisation until the end of the transaction: changes of its members, uses of its invitations, its renaming
 * and its end happen one after the other. Take it before any row of these.
 * @throws {NotFound} also for a former name: changes name the organisation as it is called.
 */
export async function lockOrg(em: EntityManager, name: string): Promise<OrgKey> {
  const org = await findLocked(em, { normalizedName: nameKey(name) });
  if (!org) throw orgNotFound(name);
  return org;
}

/** The same for an organisation whose id is known; null when it is gone. */
export function lockOrgById(em: EntityManager, id: number): Promise<OrgKey | null> {
  return findLocked(em, { id });
}

/** The organisation of that name without a lock. @throws {NotFound} also for a former name. */
export async function requireOrg(em: EntityManager, name: string): Promise<OrgKey> {
  const org = await em.findOne(Account, { normalizedName: nameKey(name), kind: 'org' }, { refresh: true });
  if (!org) throw orgNotFound(name);
  return org;
}

/** What somebody is in an organisation, as it stands now. */
export async function roleIn(em: EntityManager, orgId: number, userId: number): Promise<OrgRole | null> {
  const membership = await em.findOne(Membership, { org: orgId, user: userId }, { refresh: true });
  return membership?.role ?? null;
}

/** Makes somebody a member, under the lock. @throws {NotFound} his account was deleted meanwhile. */
export async function insertMember(
  em: EntityManager,
  member: { readonly org: number; readonly user: number; readonly role: OrgRole },
): Promise<void> {
  try {
    await em.insert(Membership, member);
  } catch (error) {
    throw error instanceof ForeignKeyConstraintViolationException
      ? new NotFound('This account was deleted.')
      : error;
  }
}

export function orgNotFound(name: string): NotFound {
  return new NotFound(`There is no organization "${name.slice(0, 100)}".`);
}

/** PostgreSQL takes no text with a NUL in it, and no account has such a name. */
export function nameKey(name: string): string {
  return normalizeName(name).replaceAll('\0', '?');
}

function findLocked(
  em: EntityManager,
  where: { readonly id: number } | { readonly normalizedName: string },
): Promise<OrgKey | null> {
  return em.findOne(
    Account,
    { ...where, kind: 'org' },
    { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
  );
}
