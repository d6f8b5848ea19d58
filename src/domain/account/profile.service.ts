import { type Actor, requireUser, requireWriter } from '../actor.ts';
import { Forbidden, NotFound } from '../errors.ts';
import { nameKey } from '../org/org-lock.ts';
import { countReposOf, type RepoCounts } from '../repo/repo-list.queries.ts';
import { Service } from '../service.ts';
import { Account } from './account.entity.ts';
import { findMemberships, type OrgMembership } from './account.queries.ts';
import { parseProfile, type ProfileChange } from './profile.ts';
import { type AccountProfile, countLikesOf, findProfile, findProfilesById } from './profile.queries.ts';

/** A user as huggingface_hub's `get_user_overview` shows him. */
export interface UserOverview extends AccountProfile {
  /** That the viewer may see. */
  readonly repoCounts: RepoCounts;
  readonly likesCount: number;
  readonly orgs: readonly OrgMembership[];
}

/** What users tell of themselves, and what everybody may know of them. */
export class ProfileService extends Service {
  /** Of a user or an organisation. @throws {NotFound} */
  async profile(name: string): Promise<AccountProfile> {
    const profile = await findProfile(this.deps.sql, nameKey(name));
    if (!profile) throw new NotFound(`There is no user "${name.slice(0, 100)}".`);
    return profile;
  }

  /** Of many, by id, in the order of the ids; null for an account that is gone. One statement. */
  async profilesById(ids: readonly number[]): Promise<readonly (AccountProfile | null)[]> {
    const profiles = await findProfilesById(this.deps.sql, [...new Set(ids)]);
    const byId = new Map(profiles.map((profile) => [profile.id, profile]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** @throws {NotFound} also for an organisation. */
  async overview(actor: Actor, username: string): Promise<UserOverview> {
    const profile = await this.profile(username);
    if (profile.kind !== 'user') throw new NotFound(`${profile.name} is an organization.`);
    const viewerId = actor.kind === 'user' ? actor.id : null;
    const [[repoCounts], [likesCount], orgs] = await Promise.all([
      countReposOf(this.deps.sql, [profile.id], viewerId),
      this.likesCountsOf(actor, [profile.id]),
      findMemberships(this.deps.sql, profile.id),
    ]);
    return { ...profile, repoCounts: repoCounts!, likesCount: likesCount!, orgs };
  }

  /** How many repositories each of these users likes that the caller may see, in the order of the ids. One statement. */
  async likesCountsOf(actor: Actor, userIds: readonly number[]): Promise<readonly number[]> {
    return countLikesOf(this.deps.sql, { userIds, viewerId: actor.kind === 'user' ? actor.id : null });
  }

  /** Changes the caller's profile. @throws {Forbidden} it is somebody else's. @throws {NotFound} @throws {BadRequest} */
  async update(actor: Actor, username: string, change: ProfileChange): Promise<void> {
    requireWriter(actor);
    const { id } = await this.requireSelf(actor, username);
    const columns = parseProfile(change);
    if (Object.keys(columns).length > 0) await this.deps.em.nativeUpdate(Account, { id }, columns);
  }

  /** The caller, if the name is his. @throws {Unauthenticated} @throws {Forbidden} @throws {NotFound} */
  async requireSelf(actor: Actor, username: string): Promise<{ id: number; name: string }> {
    const user = requireUser(actor);
    const { id, kind, name } = await this.profile(username);
    if (kind !== 'user') throw new NotFound(`There is no user "${username.slice(0, 100)}".`);
    if (id !== user.id) throw new Forbidden(`Only ${name} may do this.`);
    return { id, name };
  }
}
