import { describe, expect } from 'vitest';
import { type BatchAnswer, it, isOnS3, localPath, lfsUrl } from '../support/lfs-world.ts';

describe('LFS batch', () => {
  it('uploads, verifies, and offers the committed object for download', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    expect((await lfs.put(actions!.upload!.href, object.bytes)).headers['etag']).toMatch(/^".+"$/);
    expect((await lfs.verify(owner, actions!.verify!.href, object)).statusCode).toBe(200);
    expect(await lfs.commitObjects(repo, object)).toBe(object.bytes.length);
    const found = await lfs.ask(null, repo, 'download', object);
    const got = await lfs.get(found.actions!.download!.href);
    expect(got.rawPayload.equals(object.bytes)).toBe(true);
  });

  it('answers in its own media type on every spelling of the path', async ({ lfs }) => {
    const owner = await lfs.user();
    for (const type of ['model', 'dataset', 'space'] as const) {
      const repo = await lfs.bareRepo(owner, { type });
      // huggingface.js spells the algorithm so.
      const body = { operation: 'upload', objects: [], hash_algo: 'sha_256' };
      for (const url of [lfsUrl(repo), lfsUrl(repo).replace('.git', '')]) {
        const response = await lfs.post(owner, `${url}/objects/batch`, body);
        expect([url, response.statusCode]).toEqual([url, 200]);
        expect(response.headers['content-type']).toContain('application/vnd.git-lfs+json');
        expect(response.json()).toEqual({ transfer: 'basic', objects: [], hash_algo: 'sha256' });
      }
    }
  });

  it('takes a token as Basic password', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner, { isPrivate: true });
    const authorization = `Basic ${Buffer.from(`${owner.name}:${owner.token}`).toString('base64')}`;
    const response = await lfs.requestBatch({ ...owner, headers: { authorization } }, repo, {
      operation: 'upload',
      objects: [lfs.object()],
    });
    expect(response.statusCode).toBe(200);
  });

  it('answers each object by itself', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const known = lfs.object();
    await lfs.upload(owner, repo, known);
    const fresh = lfs.object();
    const response = await lfs.post(owner, `${lfsUrl(repo)}/objects/batch`, {
      operation: 'upload',
      objects: [
        { oid: 'not-a-hash', size: 1 },
        { oid: fresh.sha256, size: fresh.bytes.length },
        { oid: fresh.sha256, size: fresh.bytes.length },
        { oid: lfs.object().sha256, size: -1 },
        { oid: known.sha256, size: known.bytes.length + 1 },
      ],
    });
    const { objects } = response.json<BatchAnswer>();
    expect(objects.map((object) => object.error?.code ?? 'fine')).toEqual([422, 'fine', 422, 422]);
    expect(objects[1]?.actions?.upload).toBeDefined();
  });

  it('says 404 for objects that the repository does not hold', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const uploaded = lfs.object();
    await lfs.upload(owner, repo, uploaded);
    expect((await lfs.ask(owner, repo, 'download', lfs.object())).error?.code).toBe(404);
    expect((await lfs.ask(owner, repo, 'download', uploaded)).error?.code, 'not committed').toBe(404);
  });

  it('sends a client of the old name on', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner, { type: 'dataset' });
    await lfs.hub.deps.sql.execute({
      text: `
        insert into repo_redirect (type, owner_id, normalized_name, repo_id)
        select 'dataset', id, 'old_name', $2 from account where name = $1`,
      values: [owner.name, repo.id],
    });
    const response = await lfs.requestBatch(
      owner,
      { ...repo, name: 'old-name' },
      { operation: 'upload', objects: [] },
    );
    expect([response.statusCode, response.headers['location']]).toEqual([
      307,
      `${lfsUrl(repo)}/objects/batch`,
    ]);
  });

  it('refuses bad requests with a message', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const url = `${lfsUrl(repo)}/objects/batch`;
    const object = { oid: lfs.object().sha256, size: 1 };
    const answers = await Promise.all([
      lfs.post(owner, url, { operation: 'steal', objects: [] }),
      lfs.post(owner, url, { operation: 'upload' }),
      lfs.post(owner, url, { operation: 'upload', objects: [object], hash_algo: 'md5' }),
      lfs.post(owner, url, { operation: 'upload', objects: Array.from({ length: 1001 }, () => object) }),
      lfs.app.inject({ method: 'POST', url, headers: owner.headers, payload: '{"operation":' }),
    ]);
    expect(answers.map((answer) => answer.statusCode)).toEqual([400, 400, 409, 413, 400]);
    for (const answer of answers) {
      expect(answer.json()).toEqual({ message: expect.any(String), request_id: expect.any(String) });
      expect(answer.headers['x-error-code']).toBeTruthy();
    }
  });

  it('refuses what the namespace has no room for', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    await lfs.hub.deps.sql.execute({
      text: 'update account set public_quota_bytes = 1500 where name = $1',
      values: [owner.name],
    });
    const response = await lfs.requestBatch(owner, repo, {
      operation: 'upload',
      objects: [lfs.object(1000), lfs.object(1000)],
    });
    const codes = response.json<BatchAnswer>().objects.map((object) => object.error?.code);
    expect(codes).toEqual([undefined, 413]);
  });

  it('sends the bytes of a committed object in ranges', async ({ lfs, skip }) => {
    skip(isOnS3, 'clients talk to S3 itself');
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object(1000);
    await lfs.upload(owner, repo, object);
    await lfs.commitObjects(repo, object);
    const { actions } = await lfs.ask(null, repo, 'download', object);
    const href = actions!.download!.href;
    const part = await lfs.get(href, { range: 'bytes=10-19' });
    expect(part.statusCode).toBe(206);
    expect(part.headers['content-range']).toBe('bytes 10-19/1000');
    expect(part.rawPayload.equals(object.bytes.subarray(10, 20))).toBe(true);
    const past = await lfs.get(href, { range: 'bytes=1000-' });
    expect([past.statusCode, past.headers['content-range']]).toEqual([416, 'bytes */1000']);
    const head = await lfs.app.inject({ method: 'HEAD', url: localPath(href) });
    expect(head.headers).toMatchObject({ 'content-length': '1000', 'accept-ranges': 'bytes' });
    expect(head.headers['etag']).toContain(object.sha256);
    expect(head.headers['access-control-allow-credentials']).toBeUndefined();
  });
});
