import { type Actor, requireUser, requireWriter, type UserActor } from '../actor.ts';
import { BadRequest, Conflict, NotFound } from '../errors.ts';
import { insertedId, orOnDuplicate, Service } from '../service.ts';
import { SshKey } from './ssh-key.entity.ts';
import { findSshKeyUser, findSshKeyUserById, type SshKeyUser } from './ssh-key.queries.ts';
import { parseSshPublicKey, sshFingerprint } from './ssh-public-key.ts';

/** A key of the caller, as lists show it. */
export interface SshKeyInfo {
  readonly id: number;
  readonly title: string;
  readonly keyType: string;
  /** `SHA256:<unpadded base64>`. */
  readonly fingerprint: string;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
}

const MAX_TITLE_CHARS = 200;
const MAX_KEYS = 100;

/** SSH keys. Everybody sees and changes only his own; the SSH server finds out by them who is calling. */
export class SshKeyService extends Service {
  /** The caller's keys, newest first. @throws {Unauthenticated} */
  async list(actor: Actor): Promise<SshKeyInfo[]> {
    const user = requireUser(actor);
    const keys = await this.deps.em.find(SshKey, { user: user.id }, { orderBy: { id: 'desc' } });
    return keys.map(infoOf);
  }

  /** @throws {Unauthenticated} @throws {NotFound} also for keys of others. */
  async get(actor: Actor, keyId: number): Promise<SshKeyInfo> {
    const user = requireUser(actor);
    const key = await this.deps.em.findOne(SshKey, { id: keyId, user: user.id });
    if (!key) throw keyNotFound();
    return infoOf(key);
  }

  /**
   * Adds a key: one line of a `.pub` file, and what its owner calls it (1 to 200 characters).
   * @throws {Unauthenticated} @throws {Forbidden} for read tokens. @throws {BadRequest} @throws {Conflict} somebody has this key.
   */
  async add(actor: Actor, input: { readonly title: string; readonly key: string }): Promise<SshKeyInfo> {
    const user = requireWriter(actor);
    const title = input.title.trim();
    if (title.length === 0 || title.length > MAX_TITLE_CHARS || /\p{Cc}/u.test(title)) {
      throw new BadRequest(`title: must have 1 to ${MAX_TITLE_CHARS} characters on one line.`);
    }
    const { type, blob, fingerprint } = parseSshPublicKey(input.key);
    const { em } = this.deps;
    if ((await em.count(SshKey, { user: user.id })) >= MAX_KEYS) {
      throw new BadRequest(`You have ${MAX_KEYS} SSH keys. Delete one that you do not use any more.`);
    }
    const publicKey = `${type} ${blob.toString('base64')}`;
    const inserted = em.insert(SshKey, { user: user.id, title, keyType: type, publicKey, fingerprint });
    const id = await orOnDuplicate(
      inserted,
      () => new Conflict('This key is already in use. Make another one with ssh-keygen.'),
    );
    return this.get(actor, insertedId(id));
  }

  /** Removes a key at once. @throws {Unauthenticated} @throws {Forbidden} @throws {NotFound} also for keys of others. */
  async delete(actor: Actor, keyId: number): Promise<void> {
    const user = requireWriter(actor);
    const deleted = await this.deps.em.nativeDelete(SshKey, { id: keyId, user: user.id });
    if (deleted === 0) throw keyNotFound();
  }

  /**
   * Who holds the key that a client shows, or null for a key of nobody who may log in. It is for the SSH server to see to it that the
   * client has the private key too.
   */
  async identify(blob: Buffer): Promise<UserActor | null> {
    const key = { blob, fingerprint: sshFingerprint(blob) };
    return actorOf(await findSshKeyUser(this.deps.sql, key, this.needsVerification));
  }

  /** The same user after a while, or null when the key is gone or he may not log in any more. */
  async refresh({ id: userId, credential }: UserActor): Promise<UserActor | null> {
    if (credential.kind !== 'ssh-key') throw new Error('this user did not log in by an SSH key');
    const key = { keyId: credential.keyId, userId };
    return actorOf(await findSshKeyUserById(this.deps.sql, key, this.needsVerification));
  }

  /** Notes that a user logged in by his key. */
  noteLogin({ credential }: UserActor): void {
    if (credential.kind === 'ssh-key') this.deps.auth.sshKeyUse.note(credential.keyId);
  }

  private get needsVerification(): boolean {
    return this.deps.config.auth.requireEmailVerification;
  }
}

function actorOf(found: SshKeyUser | null): UserActor | null {
  if (!found) return null;
  const { keyId, userId: id, userName: name, isAdmin } = found;
  return { kind: 'user', id, name, isAdmin, credential: { kind: 'ssh-key', keyId } };
}

function infoOf({ id, title, keyType, fingerprint, lastUsedAt, createdAt }: SshKey): SshKeyInfo {
  return { id, title, keyType, fingerprint, lastUsedAt: lastUsedAt ?? null, createdAt };
}

function keyNotFound(): NotFound {
  return new NotFound('SSH key not found');
}
