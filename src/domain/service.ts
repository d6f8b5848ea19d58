import { TransactionPropagation, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Deps } from './deps.ts';

/** Base of the services of one request or job: small objects over one EntityManager. */
export abstract class Service {
  protected readonly deps: Deps;

  constructor(deps: Deps) {
    this.deps = deps;
  }

  /** All or nothing; joins the caller's transaction when there is one. Do no object store or network work inside. */
  protected atomically<T>(work: () => Promise<T>): Promise<T> {
    return this.deps.em.transactional(work, { propagation: TransactionPropagation.REQUIRED });
  }
}

/** Turns "a unique index refused it" into a domain error, and lets every other error pass. */
export async function orOnDuplicate<T>(
  work: Promise<T>,
  duplicate: (constraint: string) => Error,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw duplicate(constraintOf(error));
    throw error;
  }
}

function constraintOf(error: UniqueConstraintViolationException): string {
  return 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : '';
}

/** The id that `em.insert` answers with: the driver hands out bigint keys as text, whatever the types say. */
export function insertedId(key: unknown): number {
  return Number(key);
}
