import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';
import type { TestUser } from '../../support/world.ts';

/** What the mutations of the table are aimed at. All of it belongs to `owner`. */
export interface Target {
  readonly owner: TestUser;
  /** A public model. */
  readonly repo: RepoRef;
  readonly org: string;
}

/** How one mutation refuses who may not. */
export interface RefusalRow {
  /** A valid input, aimed at what belongs to somebody else. */
  readonly input: (target: Target) => Readonly<Record<string, unknown>>;
  /** The code for somebody with a login but no rights; null when everybody with a login may do it. */
  readonly stranger: string | null;
  /** The code for nobody; null when it needs no login. */
  readonly anonymous?: string | null;
  /** The code for the owner himself with a token that only reads; null when it changes nothing that tokens guard. */
  readonly readToken?: string | null;
}

/** By the name of the mutation; for tRPC by its path, such as `repos.create`. */
export interface RefusalRows {
  readonly graphql: Readonly<Record<string, RefusalRow>>;
  readonly trpc: Readonly<Record<string, RefusalRow>>;
}

/** The repository as inputs of both doors name it. */
export function named({ repo }: Target) {
  return { repo: { name: `${repo.namespace}/${repo.name}` } };
}
