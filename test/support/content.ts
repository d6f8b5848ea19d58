import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { type RepoRef, webPrefix } from '../../src/domain/repo/repo-ref.ts';
import { it as base } from './it.ts';
import { LfsWorld, type TestObject } from './lfs-world.ts';
import type { TestUser } from './world.ts';

/** One line of a commit. */
export interface CommitLine {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export const HEADER: CommitLine = { key: 'header', value: { summary: 'Change files', description: '' } };

export function fileLine(path: string, content: string | Buffer = 'content'): CommitLine {
  const text = Buffer.from(content).toString('base64');
  return { key: 'file', value: { path, content: text, encoding: 'base64' } };
}

export function lfsLine(path: string, { sha256, bytes }: TestObject): CommitLine {
  return { key: 'lfsFile', value: { path, algo: 'sha256', oid: sha256, size: bytes.length } };
}

export function ndjson(lines: readonly (CommitLine | string)[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}

/** `/api/models/ns/name` */
export function apiUrl(repo: RepoRef): string {
  return `/api/${repo.type}s/${repo.namespace}/${repo.name}`;
}

/** `/ns/name`, `/datasets/ns/name` */
export function webUrl(repo: RepoRef): string {
  return `/${webPrefix(repo.type)}${repo.namespace}/${repo.name}`;
}

/** The content routes as a client without a library would call them. Without a user the call is anonymous. */
export class ContentWorld extends LfsWorld {
  request(user: TestUser | null, options: InjectOptions): Promise<LightMyRequestResponse> {
    return this.app.inject({ ...options, headers: { ...user?.headers, ...options.headers } });
  }

  read(
    user: TestUser | null,
    url: string,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> {
    return this.request(user, { method: 'GET', url, headers });
  }

  head(
    user: TestUser | null,
    url: string,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> {
    return this.request(user, { method: 'HEAD', url, headers });
  }

  postJson(user: TestUser | null, url: string, payload: object): Promise<LightMyRequestResponse> {
    return this.request(user, { method: 'POST', url, payload });
  }

  remove(user: TestUser | null, url: string): Promise<LightMyRequestResponse> {
    return this.request(user, { method: 'DELETE', url });
  }

  /** Sends a commit as it is. @param revision with its query, as in a URL. */
  sendCommit(
    user: TestUser | null,
    repo: RepoRef,
    payload: string | Buffer,
    { revision = 'main', headers = {} }: { revision?: string; headers?: Record<string, string> } = {},
  ): Promise<LightMyRequestResponse> {
    return this.request(user, {
      method: 'POST',
      url: `${apiUrl(repo)}/commit/${revision}`,
      headers: { 'content-type': 'application/x-ndjson', ...headers },
      payload,
    });
  }

  /** Commits lines to `main`. */
  commitLines(
    user: TestUser | null,
    repo: RepoRef,
    ...lines: readonly CommitLine[]
  ): Promise<LightMyRequestResponse> {
    return this.sendCommit(user, repo, ndjson([HEADER, ...lines]));
  }

  /** Uploads an object and commits it to `main`. */
  async commitLfs(user: TestUser, repo: RepoRef, path: string, object: TestObject): Promise<void> {
    await this.upload(user, repo, object);
    const answer = await this.commitLines(user, repo, lfsLine(path, object));
    if (answer.statusCode !== 200) throw new Error(`commit: ${answer.statusCode} ${answer.body}`);
  }

  /** Commit that a revision names. */
  async headOf(user: TestUser, repo: RepoRef, revision = 'main'): Promise<string> {
    const answer = await this.read(user, `${apiUrl(repo)}/commits/${encodeURIComponent(revision)}?limit=1`);
    return answer.json<{ id: string }[]>()[0]!.id;
  }
}

/** `content`: the whole application over a real hub, for each test file. */
export const it = base.extend('content', { scope: 'file' }, ({ hub, app }) => new ContentWorld(hub, app));
