import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { FastifyInstance, InjectOptions } from 'fastify';
import sharp, { type Sharp } from 'sharp';
import { expect } from 'vitest';
import { it } from '../support/it.ts';
import type { TestUser } from '../support/world.ts';

it('a picture becomes an upright square JPEG without metadata', async ({ app, world }) => {
  const alice = await world.user();
  // Red above blue in the file; its EXIF says that it was taken with the camera on its side.
  const file = await stripes(3000, 2000)
    .jpeg()
    .withExif({ IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .toBuffer();
  const answer = await upload(app, alice, `/api/users/${alice.name}/avatar`, file);
  expect(answer.statusCode).toBe(200);
  const picture = await app.inject({ url: `/api/users/${alice.name}/avatar` });
  expect(answer.json()).toEqual({
    success: true,
    message: 'Avatar uploaded successfully',
    size_bytes: picture.rawPayload.length,
  });
  expect(picture.headers['content-type']).toBe('image/jpeg');
  const metadata = await sharp(picture.rawPayload).metadata();
  expect(metadata).toMatchObject({ format: 'jpeg', width: 1024, height: 1024 });
  expect(metadata.exif).toBeUndefined();
  expect(metadata.orientation).toBeUndefined();
  // Turned clockwise, what was above is at the right.
  expect(await colourAt(picture.rawPayload, 100, 512)).toBe('blue');
  expect(await colourAt(picture.rawPayload, 924, 512)).toBe('red');
});

it('a small picture is cut to a square and not enlarged', async ({ app, world }) => {
  const alice = await world.user();
  const file = await stripes(90, 40).png().toBuffer();
  await upload(app, alice, `/api/users/${alice.name}/avatar`, file);
  const picture = await app.inject({ url: `/api/users/${alice.name}/avatar` });
  expect(await sharp(picture.rawPayload).metadata()).toMatchObject({ width: 40, height: 40 });
});

for (const format of ['png', 'webp', 'gif'] as const) {
  it(`${format} with transparency lies on white`, async ({ app, world }) => {
    const alice = await world.user();
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const file = await sharp({ create: { width: 50, height: 50, channels: 4, background: clear } })
      .toFormat(format)
      .toBuffer();
    expect((await upload(app, alice, `/api/users/${alice.name}/avatar`, file)).statusCode).toBe(200);
    const picture = await app.inject({ url: `/api/users/${alice.name}/avatar` });
    expect(await colourAt(picture.rawPayload, 25, 25)).toBe('white');
  });
}

it('an account without a picture has one of its own, until it sets one and after it removed it', async ({
  app,
  world,
}) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const url = `/api/users/${alice.name}/avatar`;
  const first = await app.inject({ url });
  expect(first.statusCode).toBe(200);
  expect(await sharp(first.rawPayload).metadata()).toMatchObject({ format: 'jpeg', width: 420, height: 420 });
  const other = await app.inject({ url: `/api/users/${bob.name}/avatar` });
  expect(other.rawPayload.equals(first.rawPayload)).toBe(false);
  await upload(app, alice, url, await stripes(50, 50).png().toBuffer());
  expect((await app.inject({ url })).headers.etag).not.toBe(first.headers.etag);
  const removed = await app.inject({ method: 'DELETE', url, headers: alice.headers });
  expect(removed.json()).toEqual({ success: true, message: 'Avatar deleted successfully' });
  expect((await app.inject({ url })).rawPayload.equals(first.rawPayload)).toBe(true);
  expect((await app.inject({ method: 'DELETE', url, headers: alice.headers })).statusCode).toBe(404);
});

it('caches ask with the tag and are told that nothing changed', async ({ app, world }) => {
  const alice = await world.user();
  const url = `/api/users/${alice.name}/avatar`;
  for (const file of [null, await stripes(50, 50).png().toBuffer(), await stripes(60, 60).png().toBuffer()]) {
    if (file) await upload(app, alice, url, file);
    const { headers } = await app.inject({ url });
    expect(headers['cache-control']).toBe('public, max-age=300');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['last-modified'] !== undefined).toBe(file !== null);
    const again = await app.inject({ url, headers: { 'if-none-match': headers.etag } });
    expect([again.statusCode, again.rawPayload.length]).toEqual([304, 0]);
    const old = await app.inject({ url, headers: { 'if-none-match': '"something else"' } });
    expect(old.statusCode).toBe(200);
  }
});

it('admins of an organization set its picture', async ({ app, world }) => {
  const [owner, admin, member] = [await world.user(), await world.user(), await world.user()];
  const org = await world.org(owner, [
    { user: admin, role: 'admin' },
    { user: member, role: 'member' },
  ]);
  const url = `/api/organizations/${org}/avatar`;
  const file = await stripes(64, 64).png().toBuffer();
  expect((await upload(app, admin, url, file)).statusCode).toBe(200);
  expect((await upload(app, member, url, file)).statusCode).toBe(403);
  expect((await app.inject({ method: 'DELETE', url, headers: member.headers })).statusCode).toBe(403);
  expect((await app.inject({ method: 'DELETE', url, headers: admin.headers })).statusCode).toBe(200);
});

it('needs a login, is refused to a stranger and to a token that only reads', async ({ app, world }) => {
  const [alice, bob] = [await world.user(), await world.user()];
  const reader = await world.readToken(alice);
  const url = `/api/users/${alice.name}/avatar`;
  const file = await stripes(64, 64).png().toBuffer();
  expect((await upload(app, null, url, file)).statusCode).toBe(401);
  expect((await upload(app, bob, url, file)).statusCode).toBe(403);
  expect((await upload(app, reader, url, file)).statusCode).toBe(403);
  expect((await app.inject({ method: 'DELETE', url })).statusCode).toBe(401);
  expect((await app.inject({ method: 'DELETE', url, headers: bob.headers })).statusCode).toBe(403);
  expect((await app.inject({ url })).headers['last-modified']).toBeUndefined();
});

it('there is no picture of nobody, and none of a user among organizations', async ({ app, world }) => {
  const alice = await world.user();
  for (const url of [
    '/api/users/nobody-here/avatar',
    '/api/users/%00/avatar',
    `/api/organizations/${alice.name}/avatar`,
  ]) {
    expect((await app.inject({ url })).statusCode).toBe(404);
  }
});

it('what is no picture is refused by name and leaves nothing behind', async ({ app, world }) => {
  const alice = await world.user();
  const url = `/api/users/${alice.name}/avatar`;
  const png = await stripes(400, 400).png().toBuffer();
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
  );
  const tiff = await stripes(50, 50).tiff().toBuffer();
  const source = await readFile(import.meta.filename);
  const bad = {
    nothing: Buffer.alloc(0),
    text: source,
    svg,
    tiff,
    'a cut picture': png.subarray(0, png.length / 2),
    'too many pixels': hugePng(),
  };
  for (const [what, file] of Object.entries(bad)) {
    const answer = await upload(app, alice, url, file);
    expect([what, answer.statusCode, answer.headers['x-error-code']]).toEqual([what, 400, 'BadRequest']);
    expect(answer.json<{ error: string }>().error).toMatch(/^file: /);
  }
  const large = await upload(app, alice, url, Buffer.alloc(10_000_001));
  expect([large.statusCode, large.headers['x-error-code']]).toEqual([413, 'PayloadTooLarge']);
  for (const request of [
    form('picture', png),
    { payload: '{}', headers: { 'content-type': 'application/json' } },
    { payload: png, headers: { 'content-type': 'multipart/form-data; boundary=x' } },
    { payload: '', headers: { 'content-type': 'multipart/form-data' } },
  ]) {
    const headers = { ...request.headers, ...alice.headers };
    const answer = await app.inject({ method: 'POST', url, payload: request.payload, headers });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
  }
  expect((await app.inject({ url })).headers['last-modified']).toBeUndefined();
});

it('a stranger is refused before his file is read', async ({ app, world }) => {
  const [alice, bob] = [await world.user(), await world.user()];
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address() as { port: number };
  const status = await new Promise<number>((resolve, reject) => {
    const request = httpRequest({
      port: address.port,
      host: '127.0.0.1',
      method: 'POST',
      path: `/api/users/${alice.name}/avatar`,
      headers: {
        ...bob.headers,
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': 5_000_000,
      },
    });
    request.once('response', (response) => {
      resolve(response.statusCode!);
      request.destroy();
    });
    request.once('error', reject);
    // Nothing of the body ever comes.
    request.flushHeaders();
  });
  expect(status).toBe(403);
});

/** The left or upper half red, the other one blue. */
function stripes(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const isUpper = pixel < (width * height) / 2;
    pixels[pixel * 3 + (isUpper ? 0 : 2)] = 255;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

async function colourAt(picture: Buffer, left: number, top: number): Promise<string> {
  const [r, g, b] = await sharp(picture).extract({ left, top, width: 1, height: 1 }).raw().toBuffer();
  if (r! > 200 && g! > 200 && b! > 200) return 'white';
  return r! > b! ? 'red' : 'blue';
}

/** The header of a picture with 60,000 by 60,000 pixels. */
function hugePng(): Buffer {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  png.writeUInt32BE(60_000, 16);
  png.writeUInt32BE(60_000, 20);
  return png;
}

function form(field: string, file: Buffer): { payload: Buffer; headers: Record<string, string> } {
  const head = `--x\r\ncontent-disposition: form-data; name="${field}"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n`;
  return {
    payload: Buffer.concat([Buffer.from(head), file, Buffer.from('\r\n--x--\r\n')]),
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  };
}

function upload(app: FastifyInstance, user: TestUser | null, url: string, file: Buffer) {
  const { payload, headers } = form('file', file);
  const options: InjectOptions = { method: 'POST', url, payload, headers: { ...headers, ...user?.headers } };
  return app.inject(options);
}
