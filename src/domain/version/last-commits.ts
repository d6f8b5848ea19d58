import type { Oid } from '../../git/oid.ts';
import type { ReadTree } from '../../git/tree-edit.ts';
import type { ReadDeps } from './commit-root.ts';
import { findAncestors, findCommits } from './history.queries.ts';
import { readCommitsAhead } from './history-walk.ts';
import { findLastChange, type StepBudget } from './last-change.ts';
import { findNewestAncestorChanges, findNewestChanges, type ListedName } from './last-commit.queries.ts';
import type { LastCommit } from './values.ts';

/** For all paths of one request together. */
const MAX_STEPS = 2000;
const FIRST_COMMITS = 64;

/** A revision of one store. */
export interface RevisionOfStore {
  readonly storeId: number;
  readonly headOid: Oid;
}

/**
 * The newest commit that changed each path, among the ancestors of a revision; a path whose change is not found within the
 * limits is left out. Three ways, each for what the one before it leaves open: the recorded changes where no side branch can
 * interfere, the recorded changes checked against the ancestors, and comparing trees backwards through history.
 *
 * A merge that took one side's version of a path is not recorded as a change of it. The answer is then the newest change on either
 * side, where `git log` names the one on the side that was taken.
 */
export async function findLastCommits(
  deps: ReadDeps,
  at: RevisionOfStore & { readonly readTree: ReadTree },
  paths: readonly string[],
): Promise<ReadonlyMap<string, LastCommit>> {
  const found = new Map<string, LastCommit>();
  const take = (path: string, commit: LastCommit | undefined): void => {
    if (!commit) return;
    found.set(path, commit);
    lastCommits.set(keyOf(at, path), commit);
  };
  const open = (): string[] => paths.filter((path) => !found.has(path));

  const { lastCommits } = deps.versionCaches;
  for (const path of paths) {
    const known = lastCommits.get(keyOf(at, path));
    if (known) found.set(path, known);
  }
  for (const find of [findNewestChanges, findNewestAncestorChanges]) {
    const missing = open();
    if (missing.length === 0) return found;
    const commits = await find(deps.sql, at, missing.map(listedName));
    for (const [index, path] of missing.entries()) take(path, commits[index]);
  }
  const walked = await walkBack(deps, at, open());
  for (const [path, commit] of walked) take(path, commit);
  return found;
}

async function walkBack(
  deps: ReadDeps,
  { storeId, headOid, readTree }: RevisionOfStore & { readonly readTree: ReadTree },
  paths: readonly string[],
): Promise<ReadonlyMap<string, LastCommit>> {
  const readCommit = readCommitsAhead(
    (oid, limit) => findAncestors(deps.sql, storeId, { oid, limit }),
    FIRST_COMMITS,
  );
  const budget: StepBudget = { left: MAX_STEPS };
  const oids = new Map<string, Oid>();
  for (const path of paths) {
    const oid = await findLastChange({ readCommit, readTree }, { headOid, path }, budget);
    if (oid) oids.set(path, oid);
  }
  const commits = await findCommits(deps.sql, storeId, [...new Set(oids.values())]);
  return new Map([...oids].flatMap(([path, oid]) => (commits.has(oid) ? [[path, commits.get(oid)!]] : [])));
}

function keyOf({ storeId, headOid }: RevisionOfStore, path: string): string {
  return `${storeId}:${headOid}:${path}`;
}

function listedName(path: string): ListedName {
  const slash = path.lastIndexOf('/');
  return { dir: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}
