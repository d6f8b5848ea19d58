import { describe, expect } from 'vitest';
import { it, isOnS3, lfsUrl, localPath } from '../support/lfs-world.ts';

describe('a repository that is missing or hidden', () => {
  it('gives no URL to anybody', async ({ lfs }) => {
    const owner = await lfs.user();
    const stranger = await lfs.user();
    const secret = lfs.object();
    const hidden = await lfs.bareRepo(owner, { isPrivate: true });
    await lfs.upload(owner, hidden, secret);
    await lfs.commitObjects(hidden, secret);
    const missing = { ...hidden, name: 'not-there' };
    const otherType = { ...hidden, type: 'dataset' as const };
    for (const repo of [missing, otherType, hidden]) {
      for (const operation of ['upload', 'download'] as const) {
        const anonymous = await lfs.requestBatch(null, repo, { operation, objects: [secret] });
        expect(anonymous.statusCode).toBe(401);
        expect(anonymous.headers).toMatchObject({
          'www-authenticate': expect.stringMatching(/^Basic/),
          'lfs-authenticate': expect.stringMatching(/^Basic/),
        });
        const known = await lfs.requestBatch(stranger, repo, { operation, objects: [secret] });
        expect([known.statusCode, known.headers['x-error-code']]).toEqual([404, 'RepoNotFound']);
        expect(anonymous.body + known.body).not.toContain('http');
      }
    }
  });

  it('is not told from one that exists by verify', async ({ lfs }) => {
    const owner = await lfs.user();
    const stranger = await lfs.user();
    const hidden = await lfs.bareRepo(owner, { isPrivate: true });
    const object = lfs.object();
    await lfs.upload(owner, hidden, object);
    const [a, b] = await Promise.all([
      lfs.verify(stranger, `http://hub.test${lfsUrl(hidden)}/verify`, object),
      lfs.verify(stranger, `http://hub.test${lfsUrl({ ...hidden, name: 'not-there' })}/verify`, object),
    ]);
    expect([a.statusCode, b.statusCode]).toEqual([404, 404]);
    expect(a.json().message).toBe(b.json().message);
  });
});

it('a disabled repository gives out no URL', async ({ lfs }) => {
  const owner = await lfs.user();
  const repo = await lfs.bareRepo(owner);
  const object = lfs.object();
  await lfs.upload(owner, repo, object);
  await lfs.commitObjects(repo, object);
  await lfs.hub.deps.sql.execute({
    text: 'update repo set is_disabled = true where id = $1',
    values: [repo.id],
  });
  const refused = await lfs.requestBatch(owner, repo, { operation: 'download', objects: [object] });
  expect([refused.statusCode, refused.headers['x-error-code']]).toEqual([403, 'Forbidden']);
  expect(refused.json().message).toBe('Access to this resource is disabled.');
});

describe('uploading', () => {
  it('needs a login', async ({ lfs }) => {
    const repo = await lfs.bareRepo(await lfs.user());
    const response = await lfs.requestBatch(null, repo, { operation: 'upload', objects: [lfs.object()] });
    expect(response.statusCode).toBe(401);
    expect(response.headers['lfs-authenticate']).toMatch(/^Basic/);
  });

  it('is refused to a stranger, and to a token that may only read', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const readOnly = await lfs.readToken(owner);
    for (const user of [await lfs.user(), readOnly]) {
      const response = await lfs.requestBatch(user, repo, { operation: 'upload', objects: [lfs.object()] });
      expect([response.statusCode, response.headers['x-error-code']]).toEqual([403, 'Forbidden']);
    }
    const proposal = await lfs.requestBatch(readOnly, repo, {
      operation: 'upload',
      objects: [lfs.object()],
      ref: null,
    });
    expect(proposal.statusCode).toBe(403);
  });
});

describe('knowing a hash', () => {
  it('gives no object of another repository', async ({ lfs }) => {
    const owner = await lfs.user();
    const secret = lfs.object();
    const hidden = await lfs.bareRepo(owner, { isPrivate: true });
    await lfs.upload(owner, hidden, secret);
    await lfs.commitObjects(hidden, secret);
    const stranger = await lfs.user();
    const own = await lfs.bareRepo(stranger);
    expect((await lfs.ask(stranger, own, 'download', secret)).error?.code).toBe(404);
    expect(
      (await lfs.ask(stranger, own, 'upload', secret)).actions?.upload,
      'asked for the bytes',
    ).toBeDefined();
    await expect(lfs.ensure(stranger, own, secret)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
  });

  it('is not told whether the hub has the object', async ({ lfs }) => {
    const owner = await lfs.user();
    const hidden = await lfs.bareRepo(owner, { isPrivate: true });
    const secret = lfs.object();
    await lfs.upload(owner, hidden, secret);
    await lfs.commitObjects(hidden, secret);
    const stranger = await lfs.user();
    const own = await lfs.bareRepo(stranger);
    const wrongSize = { ...secret, bytes: Buffer.alloc(5) };
    expect((await lfs.ask(stranger, own, 'upload', wrongSize)).error).toBeUndefined();
    const { actions } = await lfs.ask(stranger, own, 'upload', secret);
    expect((await lfs.verify(stranger, actions!.verify!.href, secret)).statusCode).toBe(404);
  });

  it('does not help with a gated repository either', async ({ lfs }) => {
    const owner = await lfs.user();
    const gated = await lfs.bareRepo(owner, { gated: 'manual' });
    const object = lfs.object();
    await lfs.upload(owner, gated, object);
    await lfs.commitObjects(gated, object);
    const stranger = await lfs.user();
    const refused = await lfs.requestBatch(stranger, gated, { operation: 'download', objects: [object] });
    expect(refused.headers['x-error-code']).toBe('GatedRepo');
    const own = await lfs.bareRepo(stranger);
    expect((await lfs.ask(stranger, own, 'upload', object)).actions?.upload).toBeDefined();
  });
});

describe('deduplication', () => {
  it('skips what the caller can read elsewhere, and links it', async ({ lfs }) => {
    const owner = await lfs.user();
    const open = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.upload(owner, open, object);
    await lfs.commitObjects(open, object);
    const other = await lfs.user();
    const copy = await lfs.bareRepo(other);
    expect((await lfs.ask(other, copy, 'upload', object)).actions).toBeUndefined();
    await lfs.ensure(other, copy, object);
    expect(await lfs.commitObjects(copy, object)).toBe(object.bytes.length);
    expect(await lfs.commitObjects(copy, object), 'charged once').toBe(0);
    expect((await lfs.keys('lfs/')).filter((key) => key.includes(object.sha256))).toHaveLength(1);
  });

  it('does not skip what another repository has not committed', async ({ lfs }) => {
    const owner = await lfs.user();
    const open = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.upload(owner, open, object);
    const other = await lfs.user();
    const copy = await lfs.bareRepo(other);
    expect((await lfs.ask(other, copy, 'upload', object)).actions?.upload).toBeDefined();
  });

  it('skips what a member reads in a private repository of the organisation', async ({ lfs }) => {
    const admin = await lfs.user();
    const member = await lfs.user();
    const namespace = await lfs.org(admin, [{ user: member, role: 'visitor' }]);
    const hidden = await lfs.bareRepo(admin, { namespace, isPrivate: true });
    const object = lfs.object();
    await lfs.upload(admin, hidden, object);
    await lfs.commitObjects(hidden, object);
    const own = await lfs.bareRepo(member);
    expect((await lfs.ask(member, own, 'upload', object)).actions).toBeUndefined();
  });
});

describe('a pull request by a reader', () => {
  it('may bring bytes, which nobody sees before its commit', async ({ lfs }) => {
    const owner = await lfs.user();
    const reader = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.upload(reader, repo, object, null);
    expect(await lfs.keys('lfs/'), 'still an upload').not.toContainEqual(
      expect.stringContaining(object.sha256),
    );
    expect(
      (await lfs.ask(owner, repo, 'upload', object)).actions?.upload,
      'the owner must bring it too',
    ).toBeDefined();
    for (const other of [await lfs.user(), owner])
      await expect(lfs.ensure(other, repo, object)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
    await lfs.ensure(reader, repo, object);
    await lfs.commitObjects(repo, object);
    expect((await lfs.ask(null, repo, 'download', object)).actions?.download).toBeDefined();
  });

  it('may name the ref of the pull request', async ({ lfs }) => {
    const repo = await lfs.bareRepo(await lfs.user());
    const answer = await lfs.ask(await lfs.user(), repo, 'upload', lfs.object(), 'refs/pr/3');
    expect(answer.actions?.upload).toBeDefined();
  });

  it('does not get an object that somebody else has brought and not committed', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.upload(owner, repo, object);
    const reader = await lfs.user();
    expect((await lfs.ask(reader, repo, 'upload', object, null)).actions?.upload).toBeDefined();
    await expect(lfs.ensure(reader, repo, object)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
  });
});

describe('verify and complete', () => {
  it('need somebody who may have uploaded', async ({ lfs }) => {
    const owner = await lfs.user();
    const stranger = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    await lfs.put(actions!.upload!.href, object.bytes);
    const href = actions!.verify!.href;
    const anonymous = await lfs.verify(null, href.split('?', 1)[0]!, object);
    expect([anonymous.statusCode, anonymous.headers['lfs-authenticate']]).toEqual([401, expect.any(String)]);
    expect((await lfs.verify(stranger, href, object)).statusCode).toBe(403);
    expect((await lfs.verify(await lfs.readToken(owner), href, object)).statusCode).toBe(403);
    const alias = `/api${lfsUrl(repo)}/verify`;
    const body = { oid: object.sha256, size: object.bytes.length };
    expect((await lfs.post(owner, alias, body)).statusCode, 'the path of the specification').toBe(200);
  });

  it('need no login where the URL says whose upload it is, as git-lfs sends none there', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner, { isPrivate: true });
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    const href = actions!.verify!.href;
    expect((await lfs.verify(null, href, object)).statusCode, 'nothing was sent').toBe(404);
    await lfs.put(actions!.upload!.href, object.bytes);
    const wrongSize = { ...object, bytes: Buffer.alloc(5) };
    for (const wrong of [wrongSize, lfs.object()])
      expect((await lfs.verify(null, href, wrong)).statusCode).toBe(400);
    for (const again of ['first', 'second'])
      expect([again, (await lfs.verify(null, href, object)).statusCode]).toEqual([again, 200]);
    expect((await lfs.verify(null, href, wrongSize)).statusCode).toBe(400);
    expect((await lfs.ask(owner, repo, 'upload', object)).actions, 'it is here').toBeUndefined();
    expect((await lfs.verify(null, `${href}x`, object)).statusCode).toBe(403);
  });

  it('do for the holder of the URL what the uploader may still do', async ({ lfs }) => {
    const [owner, member] = [await lfs.user(), await lfs.user()];
    const namespace = await lfs.org(owner, [{ user: member, role: 'member' }]);
    const repo = await lfs.bareRepo(owner, { namespace });
    const object = lfs.object();
    const { actions } = await lfs.ask(member, repo, 'upload', object);
    await lfs.hub.services().orgs.changeRole(owner.actor, namespace, member.name, 'visitor');
    await lfs.put(actions!.upload!.href, object.bytes);
    expect((await lfs.verify(null, actions!.verify!.href, object)).statusCode).toBe(200);
    expect((await lfs.ask(owner, repo, 'upload', object)).actions, 'seen by nobody').toBeDefined();
    await expect(lfs.ensure(owner, repo, object)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
  });

  it('do not take a token that was changed', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    const token = new URL(actions!.verify!.href).searchParams.get('token') ?? '';
    const [payload = '', mac] = token.split('.');
    const claim = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claim, repoId: 1 })).toString('base64url');
    for (const bad of ['', 'x', payload, `${forged}.${mac}`, `${token}.x`]) {
      const response = await lfs.post(null, `/api/lfs/complete?token=${bad}`, {
        oid: object.sha256,
        parts: [],
      });
      expect([bad, response.statusCode]).toEqual([bad, 403]);
    }
  });
});

describe('a signed URL', () => {
  it('works only for its method, its size and its hash', async ({ lfs, skip }) => {
    skip(isOnS3, 'clients talk to S3 itself');
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const before = await lfs.keys('uploads/');
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    const href = actions!.upload!.href;
    expect((await lfs.get(href)).statusCode).toBe(403);
    expect((await lfs.put(`${href}x`, object.bytes)).statusCode).toBe(403);
    expect((await lfs.put(href, Buffer.concat([object.bytes, object.bytes]))).statusCode).toBe(400);
    expect((await lfs.put(href, Buffer.alloc(object.bytes.length))).statusCode).toBe(400);
    expect(await lfs.keys('uploads/')).toEqual(before);
    expect((await lfs.put(href, object.bytes)).statusCode).toBe(200);
    expect(localPath(href)).toMatch(/^\/_storage\/object\?token=/);
  });
});
