import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { VirtualXorbs } from '../../src/jobs/xet-virtual.job.ts';
import { apiUrl, type ContentWorld, fileLine, it } from '../support/content.ts';
import { type BatchAnswer, lfsUrl, localPath, type TestObject } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';

const XET = ['basic', 'multipart', 'xet'];
const HASH = /^[0-9a-f]{64}$/;

interface Batch {
  readonly user: TestUser;
  readonly repo: RepoRef;
  readonly objects: readonly TestObject[];
  readonly transfers?: string[];
  readonly ref?: string | null;
}

async function ask(content: ContentWorld, { user, repo, objects, transfers = XET, ref = 'main' }: Batch) {
  const answer = await content.requestBatch(user, repo, { operation: 'upload', objects, transfers, ref });
  expect(answer.statusCode).toBe(200);
  return answer.json<BatchAnswer>();
}

/** What the background job does: Xet hashes for everything that was uploaded by LFS. */
async function nameAll({ hub }: ContentWorld): Promise<void> {
  await new VirtualXorbs().run(hub.deps, new AbortController().signal);
}

/** A committed file, as lists show it. */
async function listed(content: ContentWorld, owner: TestUser, repo: RepoRef) {
  const object = content.object(20_000);
  await content.commitLfs(owner, repo, 'w.bin', object);
  await nameAll(content);
  const items = await content.postJson(owner, `${apiUrl(repo)}/paths-info/main`, { paths: ['w.bin'] });
  const [{ xetHash }] = items.json<[{ xetHash: string }]>();
  return { object, file: { xetHash, sha256: object.sha256, filename: 'w.bin' } };
}

/** The file that stands in Git for an object. */
function pointerTo({ sha256, bytes }: TestObject): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes.length}\n`;
}

/** Whether a repository holds an object. */
function linkOf({ hub }: ContentWorld, repo: RepoRef, { sha256 }: TestObject) {
  return hub.deps.sql.query({
    text: `
      select committed_at from lfs_link l join repo r on r.id = l.repo_id join account a on a.id = r.owner_id
      where a.name = $1 and r.name = $2 and sha256 = decode($3, 'hex')`,
    values: [repo.namespace, repo.name, sha256],
  });
}

describe('the LFS batch for a client that can do Xet', () => {
  it('sends what is missing to the store for chunks, and nothing for what is here', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const [here, missing] = [content.object(), content.object()];
    await content.upload(owner, repo, here);
    const answer = await ask(content, { user: owner, repo, objects: [here, missing] });
    const { baseUrl } = content.hub.config;
    expect(answer).toEqual({
      transfer: 'xet',
      hash_algo: 'sha256',
      objects: [
        { oid: here.sha256, size: here.bytes.length },
        {
          oid: missing.sha256,
          size: missing.bytes.length,
          actions: {
            upload: {
              href: `${baseUrl}${apiUrl(repo)}/xet-write-token/None`,
              header: {
                'X-Xet-Cas-Url': content.hub.deps.xet.urls.casUrl,
                'X-Xet-Access-Token': expect.any(String),
                'X-Xet-Token-Expiration': expect.stringMatching(/^\d+$/),
                'X-Xet-Session-Id': expect.stringMatching(/^[0-9a-f-]{36}$/),
              },
              expires_at: expect.stringMatching(/Z$/),
            },
          },
        },
      ],
    });
    const { href, header } = answer.objects[1]!.actions!.upload!;
    const { xetAccess } = content.hub.services();
    const session = await xetAccess.openWrite(
      header!['X-Xet-Access-Token']!,
      content.hub.deps.xet.instanceId,
    );
    expect(session).toMatchObject({ userId: (owner.actor as { id: number }).id, isWriter: true });
    const renewed = await content.read(owner, localPath(href));
    expect(renewed.json()).toMatchObject({ casUrl: header!['X-Xet-Cas-Url'] });
  });

  it('says xet also when nothing is missing or nothing was asked for', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const here = content.object();
    await content.upload(owner, repo, here);
    for (const objects of [[], [here]])
      expect(await ask(content, { user: owner, repo, objects })).toMatchObject({
        transfer: 'xet',
        objects: objects.map(({ sha256, bytes }) => ({ oid: sha256, size: bytes.length })),
      });
  });

  it('takes the spelling of huggingface.js and refs as git-lfs sends them', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner, { type: 'dataset' });
    const object = content.object();
    const answer = await content.post(owner, `${lfsUrl(repo)}/objects/batch`, {
      operation: 'upload',
      transfers: XET,
      hash_algo: 'sha_256',
      ref: { name: 'refs/heads/a-branch-that-this-push-makes' },
      objects: [{ oid: object.sha256, size: object.bytes.length }],
    });
    const { transfer, objects } = answer.json<BatchAnswer>();
    expect(transfer).toBe('xet');
    expect((await content.read(owner, localPath(objects[0]!.actions!.upload!.href))).statusCode).toBe(200);
  });

  it('gives a proposer a token for his proposal', async ({ content }) => {
    const [owner, reader] = [await content.user(), await content.user()];
    const repo = await content.repo(owner);
    for (const ref of [null, 'refs/pr/1']) {
      const answer = await ask(content, { user: reader, repo, objects: [content.object()], ref });
      const { href, header } = answer.objects[0]!.actions!.upload!;
      expect(href).toMatch(/\/xet-write-token\/None\?create_pr=1$/);
      expect((await content.read(reader, localPath(href))).statusCode).toBe(200);
      const session = await content.hub
        .services()
        .xetAccess.openWrite(header!['X-Xet-Access-Token']!, content.hub.deps.xet.instanceId);
      expect(session.isWriter).toBe(false);
    }
    const refused = await content.requestBatch(reader, repo, {
      operation: 'upload',
      objects: [content.object()],
      transfers: XET,
    });
    expect(refused.statusCode).toBe(403);
    const anonymous = await content.requestBatch(null, repo, {
      operation: 'upload',
      objects: [],
      transfers: XET,
    });
    expect(anonymous.statusCode).toBe(401);
  });

  it('refuses objects one by one', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const { hub } = content;
    await hub.deps.sql.execute({
      text: 'update repo set quota_bytes = used_bytes + 1500 where name = $1',
      values: [repo.name],
    });
    const [one, two] = [content.object(1000), content.object(1000)];
    const { transfer, objects } = await ask(content, { user: owner, repo, objects: [one, two] });
    expect(transfer).toBe('xet');
    expect(objects.map(({ error }) => error?.code)).toEqual([undefined, 413]);
    expect(objects[1]!.actions).toBeUndefined();
  });

  it('opens no upload that somebody would have to finish', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await ask(content, { user: owner, repo, objects: [content.object()] });
    const uploads = await content.hub.deps.sql.query({
      text: 'select 1 from lfs_upload u join account a on a.id = u.uploader_id where a.name = $1',
      values: [owner.name],
    });
    expect(uploads).toEqual([]);
  });

  it('changes nothing for downloads and for clients that do not offer it', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const object = content.object();
    const { transfer, objects } = await ask(content, {
      user: owner,
      repo,
      objects: [object],
      transfers: ['basic', 'multipart'],
    });
    expect(transfer).toBe('basic');
    expect(Object.keys(objects[0]!.actions!)).toEqual(['upload', 'verify']);
    expect(objects[0]!.actions!.upload!.header).toBeUndefined();

    await content.commitLfs(owner, repo, 'w.bin', object);
    await nameAll(content);
    const download = await content.requestBatch(owner, repo, {
      operation: 'download',
      objects: [object],
      transfers: XET,
    });
    const answer = download.json<BatchAnswer>();
    expect(answer.transfer).toBe('basic');
    const got = await content.get(answer.objects[0]!.actions!.download!.href);
    expect(got.rawPayload.equals(object.bytes)).toBe(true);
  });
});

describe('lists of files', () => {
  it('name the Xet hash of what has one, and leave it out elsewhere', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const [named, plain] = [content.object(50_000), content.object(50_000)];
    await content.commitLfs(owner, repo, 'folder/named.bin', named);
    await nameAll(content);
    await content.commitLfs(owner, repo, 'folder/plain.bin', plain);
    await content.commitLines(owner, repo, fileLine('folder/text.txt'));
    const lists = [
      await content.read(null, `${apiUrl(repo)}/tree/main/folder`),
      await content.read(null, `${apiUrl(repo)}/tree/main/folder?recursive=true&expand=true`),
      await content.read(null, `${apiUrl(repo)}/tree/main?recursive=true`),
      await content.postJson(null, `${apiUrl(repo)}/paths-info/main`, {
        paths: ['folder', 'folder/named.bin', 'folder/plain.bin', 'folder/text.txt'],
      }),
      // Once more, from the cache of paths.
      await content.postJson(null, `${apiUrl(repo)}/paths-info/main`, {
        paths: ['folder/named.bin', 'folder/plain.bin'],
        expand: true,
      }),
    ];
    for (const list of lists) {
      const items = list.json<{ path: string; xetHash?: string; lfs?: object }[]>();
      const named = items.find((item) => item.path === 'folder/named.bin');
      expect(named).toMatchObject({ xetHash: expect.stringMatching(HASH), lfs: { pointerSize: 130 } });
      const others = items.filter((item) => item.path !== 'folder/named.bin');
      expect(others.length).toBeGreaterThan(0);
      for (const item of others) expect(item).not.toHaveProperty('xetHash');
    }
    // What was listed before it had a hash.
    await nameAll(content);
    const later = await content.postJson(null, `${apiUrl(repo)}/paths-info/main`, {
      paths: ['folder/plain.bin'],
    });
    expect(later.json()).toMatchObject([{ xetHash: expect.stringMatching(HASH) }]);
  });

  it('tell no hash of a content that somebody only names', async ({ content }) => {
    const [owner, spy] = [await content.user(), await content.user()];
    const secret = content.object(30_000);
    const hidden = await content.repo(owner, { isPrivate: true });
    await content.commitLfs(owner, hidden, 'w.bin', secret);
    await nameAll(content);
    // Nor of one that was brought here and that no commit names as a file.
    const uploaded = content.object(30_000);
    const repo = await content.repo(spy);
    await content.upload(spy, repo, uploaded);
    await nameAll(content);
    await content.commitLines(
      spy,
      repo,
      ...[secret, uploaded].map((object, i) => fileLine(`${i}.bin`, pointerTo(object))),
    );
    const tree = await content.read(spy, `${apiUrl(repo)}/tree/main`);
    const items = tree.json<{ path: string; lfs?: { oid: string } }[]>().filter((item) => item.lfs);
    expect(items.map((item) => item.lfs?.oid)).toEqual([secret.sha256, uploaded.sha256]);
    for (const item of items) expect(item).not.toHaveProperty('xetHash');
  });
});

describe('POST lfs-files/duplicate', () => {
  interface Case {
    readonly source: RepoRef;
    readonly target: RepoRef;
    readonly files: readonly object[];
  }
  const duplicate = (content: ContentWorld, user: TestUser | null, { source, target, files }: Case) =>
    content.postJson(user, `${apiUrl(source)}/lfs-files/duplicate`, {
      target: { type: target.type, name: `${target.namespace}/${target.name}` },
      files,
    });

  it('lets a writer commit the files elsewhere without their bytes', async ({ content }) => {
    const owner = await content.user();
    const source = await content.repo(owner, { isPrivate: true });
    const target = await content.repo(owner, { type: 'dataset' });
    const { object, file } = await listed(content, owner, source);
    await content.hub.deps.sql.execute({
      text: `update lfs_object set lease_until = now() where sha256 = decode($1, 'hex')`,
      values: [object.sha256],
    });
    const answer = await duplicate(content, owner, { source, target, files: [file] });
    expect([answer.statusCode, answer.json()]).toEqual([200, { failed: [] }]);
    expect(await linkOf(content, target, object)).toEqual([{ committed_at: null }]);
    const [lease] = await content.hub.deps.sql.query({
      text: `select lease_until > now() + interval '1 day' as long from lfs_object where sha256 = decode($1, 'hex')`,
      values: [object.sha256],
    });
    expect(lease).toEqual({ long: true });
    const line = {
      key: 'lfsFile',
      value: { path: 'copy.bin', algo: 'sha256', oid: object.sha256, size: 20_000 },
    };
    expect((await content.commitLines(owner, target, line)).statusCode).toBe(200);
  });

  it('fails for each file that the source does not have, and says the same for all of them', async ({
    content,
  }) => {
    const [owner, other] = [await content.user(), await content.user()];
    const source = await content.repo(owner);
    const target = await content.repo(owner);
    const { file } = await listed(content, owner, source);
    const foreign = await listed(content, other, await content.repo(other, { isPrivate: true }));
    const uploaded = content.object();
    await content.upload(owner, source, uploaded);
    const nobodys = content.object().sha256;
    const answer = await duplicate(content, owner, {
      source,
      target,
      files: [
        file,
        foreign.file,
        { xetHash: file.xetHash, sha256: uploaded.sha256, filename: 'uploaded, not committed' },
        { xetHash: file.xetHash, sha256: nobodys, filename: 'unknown' },
      ],
    });
    expect(answer.statusCode).toBe(200);
    const { failed } = answer.json<{ failed: { sha256: string; error: string }[] }>();
    expect(failed.map(({ sha256 }) => sha256)).toEqual([foreign.file.sha256, uploaded.sha256, nobodys]);
    expect(new Set(failed.map(({ error }) => error)).size).toBe(1);
    expect(await linkOf(content, target, foreign.object)).toEqual([]);
  });

  it('fails for another Xet hash', async ({ content }) => {
    const owner = await content.user();
    const source = await content.repo(owner);
    const { file } = await listed(content, owner, source);
    const answer = await duplicate(content, owner, {
      source,
      target: source,
      files: [{ ...file, xetHash: 'a'.repeat(64) }],
    });
    expect(answer.json<{ failed: unknown[] }>().failed).toHaveLength(1);
  });

  it('needs the right to read the source, and gives a proposer no link', async ({ content }) => {
    const [owner, stranger] = [await content.user(), await content.user()];
    const hidden = await content.repo(owner, { isPrivate: true });
    const open = await content.repo(owner);
    const own = await content.repo(stranger);
    const { object, file } = await listed(content, owner, open);
    const statusOf = async (user: TestUser | null, source: RepoRef, target: RepoRef): Promise<number> =>
      (await duplicate(content, user, { source, target, files: [file] })).statusCode;
    expect(await statusOf(null, open, open)).toBe(401);
    expect(await statusOf(await content.readToken(stranger), open, own)).toBe(403);
    expect(await statusOf(stranger, hidden, own)).toBe(404);
    expect(await statusOf(stranger, own, hidden)).toBe(404);
    // For a pull request.
    const another = await content.repo(owner);
    expect(await statusOf(stranger, open, another)).toBe(200);
    expect(await linkOf(content, another, object)).toEqual([]);
  });

  it('finds a target by its former name', async ({ content }) => {
    const owner = await content.user();
    const source = await content.repo(owner);
    const target = await content.repo(owner);
    const { object, file } = await listed(content, owner, source);
    const renamed = { ...target, name: `${target.name}-new` };
    await content.postJson(owner, '/api/repos/move', {
      fromRepo: `${target.namespace}/${target.name}`,
      toRepo: `${renamed.namespace}/${renamed.name}`,
    });
    const answer = await duplicate(content, owner, { source, target, files: [file] });
    expect([answer.statusCode, answer.json()]).toEqual([200, { failed: [] }]);
    expect(await linkOf(content, renamed, object)).toHaveLength(1);
  });

  it('refuses bad requests', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const file = { xetHash: 'a'.repeat(64), sha256: 'b'.repeat(64) };
    const url = `${apiUrl(repo)}/lfs-files/duplicate`;
    const target = { type: 'model', name: `${repo.namespace}/${repo.name}` };
    for (const body of [
      {},
      { target, files: [{ ...file, sha256: 'short' }] },
      { target, files: [{ ...file, xetHash: 'x'.repeat(64) }] },
      { target: { ...target, name: 'no-slash' }, files: [file] },
      { target, files: Array.from({ length: 1001 }, () => file) },
    ])
      expect((await content.postJson(owner, url, body)).statusCode).toBe(400);
  });
});
