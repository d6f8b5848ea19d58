import type { Actor } from '../../src/domain/actor.ts';
import type { OrgRole } from '../../src/domain/org/membership.entity.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import type { RepoType } from '../../src/domain/repo/repo.entity.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import type { Hub } from '../../src/server/hub.ts';

/** A person of a test: the account, an actor for service calls and a header for requests. */
export interface TestUser {
  readonly name: string;
  readonly password: string;
  readonly actor: Actor;
  /** A token of role `write`. */
  readonly token: string;
  readonly headers: { readonly authorization: string };
}

/** Makes ready-made things with unique names. Each step makes what it needs itself. */
export class World {
  readonly #hub: Hub;
  #counter = 0;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** A name nobody else has. */
  name(prefix: string): string {
    this.#counter++;
    return `${prefix}${this.#counter}-${Math.random().toString(36).slice(2, 8)}`;
  }

  user(prefix = 'user'): Promise<TestUser> {
    return this.makeUser(prefix, { isAdmin: false });
  }

  /** An administrator of the site. */
  admin(): Promise<TestUser> {
    return this.makeUser('admin', { isAdmin: true });
  }

  private async makeUser(prefix: string, { isAdmin }: { isAdmin: boolean }): Promise<TestUser> {
    const name = this.name(prefix);
    const password = 'correct horse battery';
    const services = this.#hub.services();
    await services.accounts.createUserAsOperator({
      name,
      password,
      email: `${name}@example.test`,
      isAdmin,
    });
    const { token } = await services.tokens.createTokenAsOperator(name, { name: 'test', role: 'write' });
    const authorization = `Bearer ${token}`;
    const actor = await this.actor(authorization);
    return { name, password, actor, token, headers: { authorization } };
  }

  /** Another token of the same user. */
  async readToken(user: TestUser): Promise<TestUser> {
    const { token } = await this.#hub
      .services()
      .tokens.createTokenAsOperator(user.name, { name: 'read only', role: 'read' });
    const authorization = `Bearer ${token}`;
    return { ...user, token, headers: { authorization }, actor: await this.actor(authorization) };
  }

  /** An organisation with the given members; `owner` is its super-admin. */
  async org(owner: TestUser, members: readonly { user: TestUser; role: OrgRole }[] = []): Promise<string> {
    const name = this.name('org');
    const services = this.#hub.services();
    await services.orgs.create(owner.actor, { name });
    for (const { user, role } of members) await services.orgs.addMember(owner.actor, name, user.name, role);
    return name;
  }

  /** A repository with the initial commit. */
  async repo(
    owner: TestUser,
    options: { type?: RepoType; namespace?: string; isPrivate?: boolean; name?: string } = {},
  ): Promise<RepoRef> {
    const type = options.type ?? 'model';
    const namespace = options.namespace ?? owner.name;
    const name = options.name ?? this.name('repo');
    const visibility = options.isPrivate ? 'private' : 'public';
    await this.#hub.services().repos.create(owner.actor, { type, namespace, name, visibility, sdk: null });
    return { type, namespace, name };
  }

  /** Commits text files to `main` and returns the commit id. A null content deletes the file. */
  async commit(
    owner: TestUser,
    ref: RepoRef,
    files: Readonly<Record<string, string | Buffer | null>>,
  ): Promise<string> {
    const operations = Object.entries(files).map(([path, content]) =>
      content === null
        ? { kind: 'deleteFile' as const, path: parseRepoPath(path) }
        : { kind: 'file' as const, path: parseRepoPath(path), bytes: Buffer.from(content) },
    );
    const result = await this.#hub.services().commits.commit(owner.actor, ref, 'main', {
      title: 'Change files',
      description: '',
      parentCommit: null,
      createsPullRequest: false,
      operations,
    });
    return result.commitOid;
  }

  private actor(authorization: string): Promise<Actor> {
    return this.#hub
      .services()
      .auth.identify({ authorization, cookie: undefined, method: 'GET', origin: undefined, host: undefined });
  }
}
