import type { Liked, Liker } from '../../../src/domain/social/like.queries.ts';

/** Somebody who likes a repository. */
export function likerDto({ name, fullName, likedAt }: Liker) {
  return { name, fullName, likedAt: likedAt.toISOString() };
}

/** A repository that somebody likes. */
export function likedDto({ type, fullName, likedAt }: Liked) {
  return { type, fullName, likedAt: likedAt.toISOString() };
}
