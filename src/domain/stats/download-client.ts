import { type Actor, ANONYMOUS } from '../actor.ts';
import { addressKey } from '../auth/client-address.ts';
import type { RepoAccess } from '../repo/repo-access.ts';

/** Who downloads, as far as downloads are counted: each of these counts by itself. */
export interface DownloadClient {
  /** Tells clients apart. It may hold an address, so it is never stored: see `DownloadRecorder`. */
  readonly key: string;
  /** Null is anonymous. */
  readonly userId: number | null;
}

/**
 * A token, a session or an SSH key is a client of its own, whatever program uses it: `git` and `git-lfs` are two programs of one
 * clone. Without a login it is the address, and nothing that the caller may choose, such as a cookie or the name of his
 * program: he could count as many.
 */
export function downloadClient(actor: Actor, address: string | undefined): DownloadClient {
  if (actor.kind === 'anonymous') return { key: `address ${addressKey(address)}`, userId: null };
  const { id: userId, credential } = actor;
  if (credential.kind === 'token') return { key: `token ${credential.tokenId}`, userId };
  if (credential.kind === 'session') return { key: `session ${credential.sessionId}`, userId };
  if ('keyId' in credential) return { key: `ssh-key ${credential.keyId}`, userId };
  return { key: `user ${userId}`, userId };
}

/**
 * The client behind `git` and `git-lfs`. Of a repository that everybody may read, git-lfs sends the credentials in a URL, and git keeps them
 * until it is asked for them. There only the address makes both of them one clone. Over SSH both have the same key.
 */
export function gitDownloadClient(
  actor: Actor,
  { isPrivate, gated }: Pick<RepoAccess, 'isPrivate' | 'gated'>,
  address: string | undefined,
): DownloadClient {
  const isOpen = !isPrivate && gated === null;
  const hasKey = actor.kind === 'user' && 'keyId' in actor.credential;
  return downloadClient(isOpen && !hasKey ? ANONYMOUS : actor, address);
}
