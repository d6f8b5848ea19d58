import { Account } from '../account/account.entity.ts';
import { type Actor, requireUser, requireWriter } from '../actor.ts';
import { BadRequest, NotFound } from '../errors.ts';
import { normalizeName } from '../names.ts';
import { insertedId, Service } from '../service.ts';
import { AccessToken, type TokenRole } from './access-token.entity.ts';
import { hashSecret, newAccessToken } from './secrets.ts';

export interface NewToken {
  /** What the user calls it: 1 to 100 characters. */
  readonly name: string;
  readonly role: TokenRole;
  /** 1 to 3650. Absent takes the hub's default, which may be "never". */
  readonly expiresInDays?: number | undefined;
}

/** A token that was just made; `token` is shown now and never again. */
export interface CreatedToken {
  readonly id: number;
  readonly token: string;
  readonly expiresAt: Date | null;
}

export interface TokenInfo {
  readonly id: number;
  readonly name: string;
  readonly role: TokenRole;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

const MAX_NAME_CHARS = 100;
/** Ten years. */
const MAX_EXPIRES_DAYS = 3650;
const DAY_MS = 24 * 60 * 60 * 1000;

/** API tokens. Everybody has only his own. */
export class TokenService extends Service {
  /** The caller's tokens, newest first. @throws {Unauthenticated} */
  async list(actor: Actor): Promise<TokenInfo[]> {
    const user = requireUser(actor);
    const tokens = await this.deps.em.find(AccessToken, { user: user.id }, { orderBy: { id: 'desc' } });
    return tokens.map(({ id, name, role, lastUsedAt, expiresAt, createdAt }) => ({
      id,
      name,
      role,
      lastUsedAt: lastUsedAt ?? null,
      expiresAt: expiresAt ?? null,
      createdAt,
    }));
  }

  /** @throws {Unauthenticated} @throws {Forbidden} for read tokens. @throws {BadRequest} */
  async create(actor: Actor, input: NewToken): Promise<CreatedToken> {
    return this.insert(requireWriter(actor).id, input);
  }

  /** Revokes a token at once. @throws {Unauthenticated} @throws {Forbidden} @throws {NotFound} also for tokens of others. */
  async delete(actor: Actor, tokenId: number): Promise<void> {
    const user = requireWriter(actor);
    const deleted = await this.deps.em.nativeDelete(AccessToken, { id: tokenId, user: user.id });
    if (deleted === 0) throw new NotFound('Token not found');
  }

  /** Makes a token for a user at the word of whoever runs the hub. @throws {NotFound} @throws {BadRequest} */
  async createTokenAsOperator(username: string, input: NewToken): Promise<CreatedToken> {
    const user = await this.deps.em.findOne(Account, {
      normalizedName: normalizeName(username),
      kind: 'user',
    });
    if (!user) throw new NotFound(`There is no user "${username}".`);
    return this.insert(user.id, input);
  }

  private async insert(userId: number, { name, role, expiresInDays }: NewToken): Promise<CreatedToken> {
    const label = name.trim();
    if (label.length === 0 || label.length > MAX_NAME_CHARS || label.includes('\0')) {
      throw new BadRequest(`name: must have 1 to ${MAX_NAME_CHARS} characters.`);
    }
    if (expiresInDays !== undefined && !isWithin(expiresInDays, MAX_EXPIRES_DAYS)) {
      throw new BadRequest(`A token is good for 1 to ${MAX_EXPIRES_DAYS} days, or without an end.`);
    }
    const token = newAccessToken();
    const ttlMs = expiresInDays === undefined ? this.deps.config.auth.tokenTtlMs : expiresInDays * DAY_MS;
    const expiresAt = ttlMs === null ? null : new Date(Date.now() + ttlMs);
    const id = await this.deps.em.insert(AccessToken, {
      user: userId,
      name: label,
      tokenHash: hashSecret(token),
      role,
      expiresAt,
    });
    return { id: insertedId(id), token, expiresAt };
  }
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}
