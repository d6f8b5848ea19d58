import type { LightMyRequestResponse } from 'fastify';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl, type ContentWorld, fileLine, HEADER, ndjson } from './content.ts';
import type { TestUser } from './world.ts';

/** A repository of somebody with the steps that tests of branches are made of. */
export class BranchSteps {
  readonly owner: TestUser;
  readonly repo: RepoRef;
  readonly url: string;
  readonly #content: ContentWorld;

  private constructor(content: ContentWorld, owner: TestUser, repo: RepoRef) {
    this.#content = content;
    this.owner = owner;
    this.repo = repo;
    this.url = apiUrl(repo);
  }

  static async make(content: ContentWorld): Promise<BranchSteps> {
    const owner = await content.user();
    return new BranchSteps(content, owner, await content.repo(owner));
  }

  /** Commits texts to a branch; null deletes. Returns the commit. */
  async commit(branch: string, files: Readonly<Record<string, string | null>>): Promise<string> {
    const lines = Object.entries(files).map(([path, text]) =>
      text === null ? { key: 'deletedFile', value: { path } } : fileLine(path, text),
    );
    const answer = await this.#content.sendCommit(this.owner, this.repo, ndjson([HEADER, ...lines]), {
      revision: encodeURIComponent(branch),
    });
    if (answer.statusCode !== 200) throw new Error(`commit: ${answer.body}`);
    return answer.json<{ commitOid: string }>().commitOid;
  }

  async branch(name: string, startingPoint = 'main'): Promise<void> {
    await this.post(`branch/${encodeURIComponent(name)}`, { startingPoint });
  }

  post(path: string, body: object, user: TestUser | null = this.owner): Promise<LightMyRequestResponse> {
    return this.#content.postJson(user, `${this.url}/${path}`, body);
  }

  head(branch = 'main'): Promise<string> {
    return this.#content.headOf(this.owner, this.repo, branch);
  }

  /** Texts of all files of a revision but `.gitattributes`, by path. */
  async files(revision = 'main'): Promise<Record<string, string>> {
    const name = encodeURIComponent(revision);
    const tree = await this.#content.read(this.owner, `${this.url}/tree/${name}?recursive=1&limit=1000`);
    const files: Record<string, string> = {};
    for (const { path, type } of tree.json<{ path: string; type: string }[]>()) {
      if (type !== 'file' || path === '.gitattributes') continue;
      const file = await this.#content.read(this.owner, `${this.url}/resolve/${name}/${path}`);
      files[path] = file.body;
    }
    return files;
  }

  /** Titles of the history of a revision, newest first. */
  async titles(revision = 'main'): Promise<string[]> {
    const list = await this.#content.read(this.owner, `${this.url}/commits/${encodeURIComponent(revision)}`);
    return list.json<{ title: string }[]>().map((commit) => commit.title);
  }

  async parents(revision: string): Promise<string[]> {
    const commit = await this.#content.read(this.owner, `${this.url}/commit/${encodeURIComponent(revision)}`);
    return commit.json<{ parents: string[] }>().parents;
  }

  /** Path and newest commit of each entry of the root folder. */
  async lastCommits(revision = 'main'): Promise<Record<string, string>> {
    const tree = await this.#content.read(
      this.owner,
      `${this.url}/tree/${encodeURIComponent(revision)}?expand=1`,
    );
    const entries = tree.json<{ path: string; lastCommit: { id: string } }[]>();
    return Object.fromEntries(entries.map(({ path, lastCommit }) => [path, lastCommit.id]));
  }
}
