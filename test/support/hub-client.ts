import { createHash } from 'node:crypto';
import { shardOf } from '../fuzz/xet-samples.ts';
import { packFiles } from './xet-pack.ts';

/** The few calls that the crash test and the demo need, as any HTTP client would make them. */
export class HubClient {
  readonly #url: string;
  readonly #token: string;
  readonly #branch: string;

  constructor(url: string, token: string, branch = 'main') {
    this.#url = url;
    this.#token = token;
    this.#branch = branch;
  }

  /** The same client, working on another branch. */
  on(branch: string): HubClient {
    return new HubClient(this.#url, this.#token, branch);
  }

  async createBranch(repo: string): Promise<void> {
    await this.json('POST', `/api/models/${repo}/branch/${this.#branch}`, {});
  }

  async branches(repo: string): Promise<string[]> {
    const response = await fetch(`${this.#url}/api/models/${repo}/refs`, { headers: this.headers() });
    await expectOk(response);
    return ((await response.json()) as { branches: { name: string }[] }).branches.map(({ name }) => name);
  }

  async deleteBranch(repo: string): Promise<void> {
    const url = `${this.#url}/api/models/${repo}/branch/${this.#branch}`;
    await expectOk(await fetch(url, { method: 'DELETE', headers: this.headers() }));
  }

  async createModel(name: string): Promise<void> {
    await this.json('POST', '/api/repos/create', { type: 'model', name });
  }

  /** Commits small files; resolves with the commit id when the hub has answered. */
  async commitFiles(
    repo: string,
    files: Readonly<Record<string, Buffer>>,
    title = 'Change files',
  ): Promise<string> {
    const lines = Object.entries(files).map(([path, content]) =>
      ndjson('file', { path, content: content.toString('base64'), encoding: 'base64' }),
    );
    return this.commit(repo, title, lines);
  }

  /** Uploads one file by Git LFS and commits it. */
  async commitLfs(repo: string, path: string, content: Buffer): Promise<string> {
    const oid = createHash('sha256').update(content).digest('hex');
    const batch = await this.json('POST', `/${repo}.git/info/lfs/objects/batch`, {
      operation: 'upload',
      transfers: ['basic'],
      hash_algo: 'sha256',
      objects: [{ oid, size: content.length }],
    });
    const upload = (batch as LfsBatch).objects[0]?.actions?.upload;
    if (upload) await expectOk(await fetch(upload.href, { method: 'PUT', body: new Uint8Array(content) }));
    return this.commit(repo, `Add ${path}`, [
      ndjson('lfsFile', { path, algo: 'sha256', oid, size: content.length }),
    ]);
  }

  /** Uploads one file by Xet and commits it. */
  async commitXet(repo: string, path: string, content: Buffer): Promise<string> {
    const packed = packFiles([content]);
    const grant = await fetch(`${this.#url}/api/models/${repo}/xet-write-token/${this.#branch}`, {
      headers: this.headers(),
    });
    await expectOk(grant);
    const { casUrl, accessToken } = (await grant.json()) as { casUrl: string; accessToken: string };
    const send = async (cas: string, body: Buffer): Promise<void> => {
      const headers = { authorization: `Bearer ${accessToken}` };
      await expectOk(await fetch(`${casUrl}${cas}`, { method: 'POST', headers, body: new Uint8Array(body) }));
    };
    for (const xorb of packed.xorbs) await send(`/v1/xorbs/default/${xorb.hash}`, xorb.body);
    await send('/v1/shards', shardOf(packed));
    const oid = packed.objects[0]!.sha256;
    return this.commit(repo, `Add ${path}`, [
      ndjson('lfsFile', { path, algo: 'sha256', oid, size: content.length }),
    ]);
  }

  async download(repo: string, revision: string, path: string): Promise<Buffer> {
    const response = await fetch(`${this.#url}/${repo}/resolve/${revision}/${path}`, {
      headers: this.headers(),
    });
    await expectOk(response);
    return Buffer.from(await response.arrayBuffer());
  }

  /** Ids of all commits of the branch, newest first. */
  async history(repo: string): Promise<string[]> {
    const ids: string[] = [];
    let url: string | null = `${this.#url}/api/models/${repo}/commits/${this.#branch}?limit=1000`;
    while (url) {
      const response = await fetch(url, { headers: this.headers() });
      await expectOk(response);
      ids.push(...((await response.json()) as { id: string }[]).map((commit) => commit.id));
      url = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
    }
    return ids;
  }

  private async commit(repo: string, title: string, lines: readonly string[]): Promise<string> {
    const response = await fetch(`${this.#url}/api/models/${repo}/commit/${this.#branch}`, {
      method: 'POST',
      headers: { ...this.headers(), 'content-type': 'application/x-ndjson' },
      body: [ndjson('header', { summary: title, description: '' }), ...lines].join(''),
    });
    await expectOk(response);
    return ((await response.json()) as { commitOid: string }).commitOid;
  }

  private async json(method: string, path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...this.headers(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await expectOk(response);
    const text = await response.text();
    return text === '' ? null : JSON.parse(text);
  }

  private headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }
}

interface LfsBatch {
  objects: { actions?: { upload?: { href: string } } }[];
}

function ndjson(key: string, value: object): string {
  return `${JSON.stringify({ key, value })}\n`;
}

async function expectOk(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}
