import type { OrgRole } from '../org/membership.entity.ts';
import type { GatedMode } from './repo.entity.ts';

/** What somebody is to a repository: its namespace's user, a role in its organisation, let through its gate, or nothing. */
export type RepoRole = 'owner' | OrgRole | 'accepted' | 'none';

/** `read` its files, `write` commits and refs, `admin` its settings, name and existence. */
export type RepoRight = 'read' | 'write' | 'admin';

const WRITERS: ReadonlySet<RepoRole> = new Set(['owner', 'member', 'admin', 'super-admin']);
/** Whom the gate was opened for is no insider: when the repository becomes private, it is hidden from him. */
const OUTSIDERS: ReadonlySet<RepoRole> = new Set(['none', 'accepted']);
const ADMINS: ReadonlySet<RepoRole> = new Set(['owner', 'admin', 'super-admin']);

/** The whole rule of who may do what to a repository. */
export function allows(role: RepoRole, isPrivate: boolean, right: RepoRight): boolean {
  if (right === 'read') return !isPrivate || !OUTSIDERS.has(role);
  return (right === 'write' ? WRITERS : ADMINS).has(role);
}

/** A gate lets everybody see the repository and its metadata, and only its own people and who was accepted at its files. */
export function mayReadFiles(role: RepoRole, gated: GatedMode | null): boolean {
  return gated === null || role !== 'none';
}

/** Who may create a repository in a namespace, or move one there. */
export function mayCreateIn(role: RepoRole): boolean {
  return WRITERS.has(role);
}
