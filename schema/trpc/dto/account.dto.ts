import type { OwnAccount, WhoAmI } from '../../../src/domain/account/account.service.ts';
import type { AvatarInfo } from '../../../src/domain/account/avatar.service.ts';
import type { AccountProfile } from '../../../src/domain/account/profile.queries.ts';
import type { UserOverview } from '../../../src/domain/account/profile.service.ts';

/** An account as only its owner sees it. */
export function ownAccountDto({ createdAt, ...account }: OwnAccount) {
  return { ...account, createdAt: createdAt.toISOString() };
}

export function whoamiDto({ account, orgs, token }: WhoAmI) {
  return {
    account: ownAccountDto(account),
    organizations: [...orgs],
    /** The token that the request was made with, if it was one. */
    token: token && { name: token.name, role: token.role, createdAt: token.createdAt.toISOString() },
  };
}

/** What a user or an organization tells of itself to everybody. */
export function profileDto(profile: AccountProfile) {
  const { id, kind, name, fullName, bio, website, socialLinks, createdAt } = profile;
  return { id, kind, name, fullName, bio, website, socialLinks, createdAt: createdAt.toISOString() };
}

export function overviewDto(user: UserOverview) {
  const { repoCounts, likesCount, orgs } = user;
  return { ...profileDto(user), repoCounts, likesCount, organizations: [...orgs] };
}

export function avatarDto({ tag, updatedAt }: AvatarInfo) {
  return { tag, updatedAt: updatedAt && updatedAt.toISOString() };
}
