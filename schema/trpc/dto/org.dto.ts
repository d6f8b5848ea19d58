import type { OrgInfo } from '../../../src/domain/org/org-info.service.ts';
import type { OrgMember, OrgOfUser, OrgProfile } from '../../../src/domain/org/org.queries.ts';

/** An organization as procedures answer with it. */
export function orgDto(org: OrgProfile) {
  return {
    id: org.id,
    name: org.name,
    fullName: org.fullName,
    description: org.description,
    bio: org.bio,
    website: org.website,
    socialLinks: org.socialLinks,
    memberCount: org.memberCount,
    createdAt: org.createdAt.toISOString(),
  };
}

/** With the number of repositories that the caller may see. */
export function orgInfoDto(org: OrgInfo) {
  return { ...orgDto(org), repoCounts: org.repoCounts };
}

export function memberDto({ name, fullName, role }: OrgMember) {
  return { name, fullName, role };
}

export function orgOfUserDto({ name, description, role }: OrgOfUser) {
  return { name, description, role };
}
