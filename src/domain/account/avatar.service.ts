import { createHash } from 'node:crypto';
import { type Actor, requireWriter } from '../actor.ts';
import { Forbidden, NotFound } from '../errors.ts';
import { mayEditProfile } from '../org/org.policy.ts';
import { nameKey, roleIn } from '../org/org-lock.ts';
import { Service } from '../service.ts';
import { Account, type AccountKind } from './account.entity.ts';
import { Avatar } from './avatar.entity.ts';

/** Whose picture. */
export interface AvatarOwner {
  /** Left out where both are meant: no two of them have the same name. */
  readonly kind?: AccountKind;
  readonly name: string;
}

/** What a picture is called without its bytes. */
export interface AvatarInfo {
  readonly owner: { readonly id: number; readonly name: string };
  /** Changes with the picture; a strong ETag without its quotes. */
  readonly tag: string;
  /** Null for the default picture. */
  readonly updatedAt: Date | null;
}

interface PictureOwner extends Required<AvatarOwner> {
  readonly id: number;
}

const NOUN_OF = { user: 'user', org: 'organization', any: 'user or organization' } as const;

/** Pictures of users and organisations. Everybody may see them: they stand beside names in lists. */
export class AvatarService extends Service {
  /** For doors that would not take the file of somebody who may not set it. @throws as `set`. */
  async requireChange(actor: Actor, owner: AvatarOwner): Promise<void> {
    await this.permit(actor, owner);
  }

  /**
   * Makes a picture of an uploaded file and sets it.
   * @returns the size of the stored JPEG.
   * @throws {Unauthenticated} @throws {Forbidden} it is another user's, or the caller is no admin of the organisation.
   * @throws {NotFound} @throws {BadRequest} @throws {Unavailable}
   */
  async set(actor: Actor, owner: AvatarOwner, file: Buffer): Promise<{ sizeBytes: number }> {
    const account = await this.permit(actor, owner);
    const image = await this.deps.avatars.render(file);
    await this.deps.em.upsert(
      Avatar,
      { account: account.id, image, sha256: digest(image), updatedAt: new Date() },
      { onConflictFields: ['account'], onConflictAction: 'merge' },
    );
    return { sizeBytes: image.length };
  }

  /** Back to the default picture. @throws as `set`. @throws {NotFound} also when none is set. */
  async remove(actor: Actor, owner: AvatarOwner): Promise<void> {
    const account = await this.permit(actor, owner);
    const removed = await this.deps.em.nativeDelete(Avatar, { account: account.id });
    if (removed === 0) throw new NotFound(`${account.name} has no picture.`);
  }

  /** @throws {NotFound} there is no such account. */
  async find(owner: AvatarOwner): Promise<AvatarInfo> {
    const account = await this.account(owner);
    const avatar = await this.deps.em.findOne(
      Avatar,
      { account: account.id },
      { fields: ['sha256', 'updatedAt'] },
    );
    if (avatar) return { owner: account, tag: avatar.sha256.toString('hex'), updatedAt: avatar.updatedAt };
    return { owner: account, tag: `default-${digest(account.name).toString('hex')}`, updatedAt: null };
  }

  /** The JPEG of a picture that `find` described. */
  async read({ owner, updatedAt }: AvatarInfo): Promise<Buffer> {
    if (updatedAt === null) return this.deps.avatars.renderDefault(owner.name);
    const avatar = await this.deps.em.findOne(Avatar, { account: owner.id }, { populate: ['image'] });
    // Between the two it may have been removed.
    return avatar ? Buffer.from(avatar.image) : this.deps.avatars.renderDefault(owner.name);
  }

  private async permit(actor: Actor, owner: AvatarOwner): Promise<PictureOwner> {
    const caller = requireWriter(actor);
    const account = await this.account(owner);
    const isAllowed =
      account.kind === 'user'
        ? account.id === caller.id
        : mayEditProfile(await roleIn(this.deps.em, account.id, caller.id));
    if (!isAllowed) throw new Forbidden(`You may not change the picture of ${account.name}.`);
    return account;
  }

  private async account({ kind, name }: AvatarOwner): Promise<PictureOwner> {
    const account = await this.deps.em.findOne(
      Account,
      { normalizedName: nameKey(name), ...(kind && { kind }) },
      { fields: ['id', 'kind', 'name'] },
    );
    if (account) return { id: account.id, kind: account.kind, name: account.name };
    throw new NotFound(`There is no ${NOUN_OF[kind ?? 'any']} "${name.slice(0, 100)}".`);
  }
}

function digest(content: Buffer | string): Buffer {
  return createHash('sha256').update(content).digest();
}
