import { type Actor, requireUser, requireWriter } from '../actor.ts';
import type { ProfileService } from '../account/profile.service.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, NotFound, Unauthenticated } from '../errors.ts';
import { Service } from '../service.ts';
import {
  countExternalTokens,
  deleteExternalToken,
  holdTokensOf,
  keepExternalTokens,
  listExternalTokens,
  type SealedToken,
  upsertExternalTokens,
} from './external-token.queries.ts';
import { parseSourceUrl } from './source-url.ts';

/** A user's token for another hub, as it comes from him. */
export interface NewExternalToken {
  /** Address of the hub. */
  readonly url: string;
  readonly token: string;
}

/** The same, as it is shown to him. */
export interface ExternalTokenInfo {
  readonly url: string;
  /** Its first four characters. */
  readonly tokenPreview: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const MAX_TOKENS = 50;
const MAX_TOKEN_CHARS = 1000;
const PREVIEW_CHARS = 4;
/** What a header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Tokens that users keep here for other hubs, encrypted. Everybody sees and changes only his own. */
export class ExternalTokenService extends Service {
  readonly #profiles: ProfileService;

  constructor(deps: Deps, profiles: ProfileService) {
    super(deps);
    this.#profiles = profiles;
  }

  /** By address. @throws {Unauthenticated} @throws {Forbidden} for those of somebody else. @throws {NotFound} */
  async list(actor: Actor, username: string): Promise<readonly ExternalTokenInfo[]> {
    requireUser(actor);
    const { id } = await this.#profiles.requireSelf(actor, username);
    return (await listExternalTokens(this.deps.sql, id)).map(
      ({ url, encryptedToken, createdAt, updatedAt }) => ({
        url,
        tokenPreview: previewOf(this.deps.secretBox.open(encryptedToken, placeOf(id, url))),
        createdAt,
        updatedAt,
      }),
    );
  }

  /** Adds a token, or replaces the one for the same hub. @throws as `list`. @throws {BadRequest} */
  async save(actor: Actor, username: string, input: NewExternalToken): Promise<void> {
    requireWriter(actor);
    const { id } = await this.#profiles.requireSelf(actor, username);
    await this.store(id, [this.seal(id, input)], { replacesAll: false });
  }

  /** Replaces all tokens at once: all or nothing. @returns how many there are now. @throws as `save`. */
  async replace(actor: Actor, username: string, inputs: readonly NewExternalToken[]): Promise<number> {
    requireWriter(actor);
    const { id } = await this.#profiles.requireSelf(actor, username);
    // Before each of them is sealed and written.
    if (inputs.length > MAX_TOKENS) throw tooMany();
    const sealed = inputs.map((input) => this.seal(id, input));
    if (new Set(sealed.map(({ url }) => url)).size < sealed.length) {
      throw new BadRequest('tokens: there are two tokens for one address.');
    }
    await this.store(id, sealed, { replacesAll: true });
    return sealed.length;
  }

  /** @throws as `list`. @throws {NotFound} there is none for that hub. */
  async delete(actor: Actor, username: string, url: string): Promise<void> {
    requireWriter(actor);
    const { id } = await this.#profiles.requireSelf(actor, username);
    if ((await deleteExternalToken(this.deps.sql, id, parseSourceUrl(url, 'url'))) === 0) {
      throw new NotFound('You have no token for that address.');
    }
  }

  private seal(userId: number, { url: given, token }: NewExternalToken): SealedToken {
    const url = parseSourceUrl(given, 'url');
    if (token.length > MAX_TOKEN_CHARS || !TOKEN.test(token)) {
      throw new BadRequest(`token: must have 1 to ${MAX_TOKEN_CHARS} visible ASCII characters.`);
    }
    return { url, encryptedToken: this.deps.secretBox.seal(token, placeOf(userId, url)) };
  }

  private async store(
    userId: number,
    tokens: readonly SealedToken[],
    { replacesAll }: { readonly replacesAll: boolean },
  ): Promise<void> {
    await this.deps.sql.transaction(async (tx) => {
      if (!(await holdTokensOf(tx, userId))) throw new Unauthenticated();
      if (replacesAll)
        await keepExternalTokens(
          tx,
          userId,
          tokens.map(({ url }) => url),
        );
      await upsertExternalTokens(tx, userId, tokens);
      if ((await countExternalTokens(tx, userId)) > MAX_TOKENS) throw tooMany();
    });
  }
}

function tooMany(): BadRequest {
  return new BadRequest(`You can keep tokens for ${MAX_TOKENS} hubs at most.`);
}

/** A row that is copied to another user or hub cannot be opened there. */
function placeOf(userId: number, url: string): string {
  return `external-token:${userId}:${url}`;
}

/** What cannot be opened any more, because the key was changed, shows nothing. */
function previewOf(token: string | null): string {
  return token && token.length > PREVIEW_CHARS ? `${token.slice(0, PREVIEW_CHARS)}***` : '***';
}
