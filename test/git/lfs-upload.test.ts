import { describe, expect } from 'vitest';
import { lfsLine, webUrl } from '../support/content.ts';
import { it } from './lfs-hub.ts';

const MIB = 2 ** 20;

describe('git lfs push of an object', () => {
  it('uploads it once, and the API commits and reads it', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const repo = await lfs.lfsRepo(owner, {});
    const object = lfs.object(300_000);
    const client = await as(owner);
    await client.clone(repo);
    await client.keep(object);
    lfs.wire.take();
    await client.lfs('push', '--object-id', 'origin', object.sha256);
    const first = lfs.wire.take().map(({ what }) => what.split('/').at(-1));
    expect(first.filter((what) => ['batch', 'object', 'verify'].includes(what!))).toEqual([
      'batch',
      'object',
      'verify',
    ]);
    await client.lfs('push', '--object-id', 'origin', object.sha256);
    expect(lfs.wire.take().filter(({ what }) => /object$|verify$/.test(what))).toEqual([]);
    expect((await lfs.commitLines(owner, repo, lfsLine('x.bin', object))).statusCode).toBe(200);
    const got = await lfs.read(null, `${webUrl(repo)}/resolve/main/x.bin`);
    expect(got.rawPayload.equals(object.bytes)).toBe(true);
    await client.in('pull', '-q');
    expect((await client.read('x.bin')).equals(object.bytes)).toBe(true);
  });

  it('above the size of multipart uploads is one request, as the client offers no parts', async ({
    lfs,
    as,
  }) => {
    const owner = await lfs.user();
    const repo = await lfs.lfsRepo(owner, {});
    const object = lfs.object(12 * MIB);
    const client = await as(owner);
    await client.clone(repo);
    await client.keep(object);
    lfs.wire.take();
    await client.lfs('push', '--object-id', 'origin', object.sha256);
    expect(lfs.wire.take().filter(({ what }) => what.startsWith('PUT'))).toHaveLength(1);
    expect((await lfs.ask(owner, repo, 'upload', object)).actions).toBeUndefined();
  });

  it('is refused to who may not write, with a sentence', async ({ lfs, as }) => {
    const [owner, stranger] = [await lfs.user(), await lfs.user()];
    const repo = await lfs.lfsRepo(owner, {});
    const hidden = await lfs.lfsRepo(owner, {}, { isPrivate: true });
    const object = lfs.object();
    const client = await as(owner);
    await client.clone(repo);
    await client.keep(object);
    const push = async (to: typeof repo, user: { token: string } | null): Promise<string> => {
      await client.in('remote', 'set-url', 'origin', lfs.remote(to, user));
      const end = await client.tryLfs('push', '--object-id', 'origin', object.sha256);
      return `${end.code} ${end.stderr}`;
    };
    lfs.wire.take();
    expect(await push(repo, null)).toMatch(/^2 .*(?:credentials|could not read)/is);
    expect(await push(repo, { token: 'hf_wrong' })).toMatch(
      /^2 .*(?:credentials|could not read|Authentication)/is,
    );
    expect(await push(repo, stranger)).toContain(
      `You have no write access on ${repo.namespace}/${repo.name}.`,
    );
    expect(await push(repo, await lfs.readToken(owner))).toContain('may only read');
    expect(await push(hidden, stranger)).toContain('Repository not found');
    expect(lfs.wire.take().filter(({ what }) => what.startsWith('PUT'))).toEqual([]);
    expect(await push(repo, owner)).toMatch(/^0 /);
  });

  it('is refused when there is no room, with a sentence', async ({ lfs, as }) => {
    const owner = await lfs.user();
    const repo = await lfs.lfsRepo(owner, {});
    await lfs.hub.deps.sql.execute({
      text: 'update repo set quota_bytes = used_bytes + 100000 where name = $1',
      values: [repo.name],
    });
    const object = lfs.object(200_000);
    const client = await as(owner);
    await client.clone(repo);
    await client.keep(object);
    const end = await client.tryLfs('push', '--object-id', 'origin', object.sha256);
    expect([end.code, end.stderr]).toEqual([
      2,
      expect.stringContaining('There is no room for these 200000 bytes'),
    ]);
  });
});

describe('deduplication between repositories', () => {
  it('skips what the pusher can read, and asks for the bytes of what he cannot', async ({ lfs, as }) => {
    const [owner, other] = [await lfs.user(), await lfs.user()];
    const [open, secret] = [lfs.object(), lfs.object()];
    await lfs.lfsRepo(owner, { 'a.bin': open });
    await lfs.lfsRepo(owner, { 'a.bin': secret }, { isPrivate: true });
    const repo = await lfs.lfsRepo(other, {});
    const client = await as(other);
    await client.clone(repo);
    for (const object of [open, secret]) await client.keep(object);
    lfs.wire.take();
    await client.lfs('push', '--object-id', 'origin', open.sha256);
    expect(lfs.wire.take().filter(({ what }) => what.startsWith('PUT'))).toEqual([]);
    await client.lfs('push', '--object-id', 'origin', secret.sha256);
    expect(lfs.wire.take().filter(({ what }) => what.startsWith('PUT'))).toHaveLength(1);
    // Once in the store, whoever brought it.
    expect((await lfs.keys('lfs/')).filter((key) => key.includes(secret.sha256))).toHaveLength(1);
    const lines = [lfsLine('open.bin', open), lfsLine('secret.bin', secret)];
    expect((await lfs.commitLines(other, repo, ...lines)).statusCode).toBe(200);
  });
});
