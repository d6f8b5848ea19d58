import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { XetUrls } from '../../src/domain/xet/xet-urls.ts';
import { xetHashText } from '../../src/xet/xet-hash.ts';
import { xorbIdText } from '../../src/xet/xorb-id.ts';
import { localPath } from '../support/lfs-world.ts';
import { casRequest, it, type Refusal, type Scene, type XetHostileWorld } from '../support/xet-hostile.ts';

const SOON_MS = 60_000;
const NOT_OURS = /URL was not made by this hub/;
const NOT_ALLOWED = /URL does not allow these bytes/;
const NO_SUCH_FILE = /repository of this Xet token has no such file/;
const OUTSIDE = /range lies outside the object of \d+ bytes/;

/** Bytes of the xorb that the URLs of these tests open; the xorb has more before, between and after them. */
const SPANS = [
  { start: 1000, end: 1999 },
  { start: 3000, end: 3999 },
] as const;

interface UrlParts {
  readonly scene: Scene;
  readonly urls: XetUrls;
}

/** A URL, as a path. */
type MakeUrl = (parts: UrlParts) => string;

const keptContent = ({ kept, keptFileId }: Scene) => ({
  sha256: kept.objects[0]!.sha256,
  fileId: keptFileId,
});
const xorbUrl: MakeUrl = ({ scene, urls }) => localPath(urls.xorb(scene.keptXorb, SPANS, soon()));
const fileUrl: MakeUrl = ({ scene, urls }) => localPath(urls.file(keptContent(scene), soon()));

function fetch(
  what: string,
  url: MakeUrl,
  expected: Pick<Refusal, 'status' | 'says'>,
  range?: string,
): Refusal {
  return {
    what,
    ...expected,
    request: (scene, hostile) => ({
      target: url({ scene, urls: hostile.hub.deps.xet.urls }),
      headers: range === undefined ? [] : [`range: ${range}`],
    }),
  };
}

/** A fetch with a good URL, which allows other bytes. */
function range(what: string, value: string, status = 403, says = NOT_ALLOWED): Refusal {
  return fetch(what, xorbUrl, { status, says }, value);
}

const notOurs = { status: 403, says: NOT_OURS };
const good = 'bytes=1000-1999';

const urls: readonly Refusal[] = [
  fetch('without a token', (parts) => xorbUrl(parts).split('?')[0]!, { status: 400, says: /^token: / }, good),
  fetch('with an empty token', (parts) => `${xorbUrl(parts).split('=')[0]}=`, notOurs, good),
  fetch('with two tokens', (parts) => `${xorbUrl(parts)}&token=x`, { status: 400, says: /^token: / }, good),
  fetch('with a very long token', (parts) => xorbUrl(parts) + 'A'.repeat(5000), notOurs, good),
  fetch('with a tampered tag', (parts) => scratched(xorbUrl(parts)), notOurs, good),
  fetch(
    'with a claim that is not sealed',
    (parts) => {
      const claim = { xorb: parts.scene.keptXorb.id, hash: parts.scene.keptXorb.hash, spans: [[1000, 1999]] };
      const text = JSON.stringify({ ...claim, expiresAt: Date.now() + 60_000 });
      return `${xorbUrl(parts).split('=')[0]}=${Buffer.from(text).toString('base64url')}`;
    },
    notOurs,
    good,
  ),
  fetch(
    'with wider spans',
    (parts) => turned(xorbUrl(parts), xorbClaim(parts), '[1000,1999]', '[0000,9999]'),
    notOurs,
    'bytes=0-999',
  ),
  fetch(
    'with more time',
    (parts) => turned(xorbUrl(parts), xorbClaim(parts), '"expiresAt":1', '"expiresAt":9'),
    notOurs,
    good,
  ),
  fetch(
    'after its time',
    ({ scene, urls }) => localPath(urls.xorb(scene.keptXorb, SPANS, new Date(Date.now() - 1))),
    { status: 403, says: /URL has expired/ },
    good,
  ),
  fetch(
    'of another hub',
    ({ scene, urls }) => {
      const options = { secret: randomBytes(32), baseUrl: 'http://hub.test', instanceId: instanceOf(urls) };
      return localPath(new XetUrls(options).xorb(scene.keptXorb, SPANS, soon()));
    },
    notOurs,
    good,
  ),
  fetch(
    'of another xorb',
    (parts) => xorbUrl(parts).replace(parts.scene.kept.xorbs[0]!.hash, parts.scene.kept.xorbs[1]!.hash),
    { status: 403, says: /made for another xorb/ },
    good,
  ),
  fetch(
    "of somebody else's xorb",
    (parts) => xorbUrl(parts).replace(parts.scene.kept.xorbs[0]!.hash, parts.scene.hidden.xorbs[0]!.hash),
    { status: 403, says: /made for another xorb/ },
    good,
  ),
  fetch(
    'with a hash in upper case',
    (parts) => xorbUrl(parts).replace(/[0-9a-f]{64}/, (hash) => hash.toUpperCase()),
    { status: 400, says: /64 lower-case/ },
    good,
  ),
  fetch(
    'with the token of a file',
    (parts) => `${xorbUrl(parts).split('?')[0]}?${fileUrl(parts).split('?')[1]}`,
    notOurs,
    good,
  ),
  fetch(
    'with a Xet token',
    ({ scene, urls }) => `${xorbUrl({ scene, urls }).split('?')[0]}?token=${scene.to.token}`,
    notOurs,
    good,
  ),
  fetch(
    'of a xorb that is gone',
    ({ scene, urls }) =>
      localPath(urls.xorb({ id: xorbIdText(randomBytes(32)), hash: scene.keptXorb.hash }, SPANS, soon())),
    { status: 410, says: /chunks were removed/ },
    good,
  ),
];

const ranges: readonly Refusal[] = [
  range('a byte before', 'bytes=999-1999'),
  range('a byte after', 'bytes=1000-2000'),
  range('from one span to the other', 'bytes=1000-3999'),
  range('between the spans', 'bytes=2500-2600'),
  range('the start of the xorb', 'bytes=0-0'),
  range('the largest numbers', 'bytes=1000-999999999999999'),
  range('a good one and a bad one', 'bytes=1000-1999,0-9'),
  range(
    'seventeen',
    `bytes=${Array.from({ length: 17 }, (_, i) => `${1000 + i}-1999`).join(',')}`,
    400,
    /at most 16 ranges/,
  ),
  range(
    'hundreds',
    `bytes=${Array.from({ length: 900 }, () => '1000-1999').join(',')}`,
    400,
    /at most 16 ranges/,
  ),
  range('none', 'bytes=', 400, /URL has several ranges/),
  range('one back to front', 'bytes=1999-1000', 400, /URL has several ranges/),
  range('a negative one', 'bytes=-500', 400, /URL has several ranges/),
  range('one without an end', 'bytes=1000-', 400, /URL has several ranges/),
  range('numbers beyond all numbers', `bytes=1000-${'9'.repeat(40)}`, 400, /URL has several ranges/),
  range('another unit', 'chunks=0-1', 400, /URL has several ranges/),
];

const files: readonly Refusal[] = [
  fetch('without a token', (parts) => fileUrl(parts).split('?')[0]!, { status: 400, says: /^token: / }),
  fetch('with a tampered tag', (parts) => scratched(fileUrl(parts)), notOurs),
  fetch(
    "with somebody else's hash in its claim",
    (parts) => {
      const [own, other] = [parts.scene.kept, parts.scene.hidden].map(({ objects }) => objects[0]!.sha256);
      return turned(fileUrl(parts), JSON.stringify({ sha256: own }), own!, other!);
    },
    notOurs,
  ),
  fetch(
    "with somebody else's hash in its path",
    (parts) => fileUrl(parts).replace(/[0-9a-f]{64}/, parts.scene.hidden.objects[0]!.sha256),
    { status: 403, says: /made for another file/ },
  ),
  fetch(
    'after its time',
    ({ scene, urls }) => localPath(urls.file(keptContent(scene), new Date(Date.now() - 1))),
    { status: 403, says: /URL has expired/ },
  ),
  fetch(
    'with the token of a xorb',
    (parts) => `${fileUrl(parts).split('?')[0]}?${xorbUrl(parts).split('?')[1]}`,
    notOurs,
  ),
  fetch('with a hash that is none', (parts) => fileUrl(parts).replace(/[0-9a-f]{64}/, 'x'), {
    status: 400,
    says: /64 lower-case/,
  }),
  fetch('past its end', fileUrl, { status: 416, says: OUTSIDE }, 'bytes=1200000-'),
  fetch('no bytes of its end', fileUrl, { status: 416, says: OUTSIDE }, 'bytes=-0'),
];

function ask(
  what: string,
  path: (scene: Scene) => string,
  expected: Pick<Refusal, 'status' | 'says'>,
  range?: string,
): Refusal {
  const headers = range === undefined ? [] : [`range: ${range}`];
  return { what, ...expected, request: (scene) => casRequest(scene, 'GET', path(scene), { headers }) };
}

const keptFile = ({ kept }: Scene): string => `/v2/reconstructions/${kept.files[0]!.hash}`;
const unknownFile = { status: 404, says: NO_SUCH_FILE };
const outside = { status: 416, says: OUTSIDE };

const questions: readonly Refusal[] = [
  ask(
    'a hash in upper case',
    (scene) => keptFile(scene).toUpperCase().replace('/V2/RECONSTRUCTIONS', '/v2/reconstructions'),
    { status: 400, says: /64 lower-case/ },
  ),
  ask('half a hash', ({ kept }) => `/v1/reconstructions/${kept.files[0]!.hash.slice(32)}`, {
    status: 400,
    says: /64 lower-case/,
  }),
  ask('a path', () => '/v1/reconstructions/..%2f..%2fsecret', { status: 400, says: /64 lower-case/ }),
  ask('an unknown file', () => `/v1/reconstructions/${'ab'.repeat(32)}`, unknownFile),
  ask('a file by its SHA-256', ({ kept }) => `/v2/reconstructions/${kept.objects[0]!.sha256}`, unknownFile),
  ask('a xorb as a file', ({ kept }) => `/v2/reconstructions/${kept.xorbs[0]!.hash}`, unknownFile),
  ask(
    'the file of a hidden repository',
    ({ hidden }) => `/v2/reconstructions/${hidden.files[0]!.hash}`,
    unknownFile,
  ),
  ask(
    'a part of it',
    ({ hidden }) => `/v1/reconstructions/${hidden.files[0]!.hash}`,
    unknownFile,
    'bytes=0-0',
  ),
  ask(
    'bytes past its end',
    ({ hidden }) => `/v1/reconstructions/${hidden.files[0]!.hash}`,
    unknownFile,
    'bytes=999999999-',
  ),
  ask('the byte after the end', keptFile, outside, 'bytes=1200000-1200000'),
  ask('bytes far past the end', keptFile, outside, 'bytes=999999999999998-999999999999999'),
  ask('no bytes of the end', keptFile, outside, 'bytes=-0'),
  ask('a byte of nothing', () => `/v2/reconstructions/${'0'.repeat(64)}`, outside, 'bytes=0-0'),
  ask('a chunk with a hash that is none', () => '/v1/chunks/default/zz', {
    status: 400,
    says: /64 lower-case/,
  }),
  ask('an unknown chunk', () => `/v1/chunks/default/${'ab'.repeat(32)}`, {
    status: 404,
    says: /No chunk with this hash/,
  }),
  ask('a chunk of a hidden repository', ({ hidden }) => `/v1/chunks/default/${firstChunk(hidden)}`, {
    status: 404,
    says: /No chunk with this hash/,
  }),
];

function firstChunk({ xorbs }: Scene['hidden']): string {
  return xetHashText(xorbs[0]!.hashes);
}

const NONCE_BYTES = 12;

/** What the sealed claim of `xorbUrl` looks like, with something else of the same length for what nobody knows. */
function xorbClaim({ scene }: UrlParts): string {
  const spans = SPANS.map(({ start, end }) => [start, end]);
  const { hash } = scene.keptXorb;
  return JSON.stringify({ xorb: '?'.repeat(64), hash, spans, expiresAt: Date.now() });
}

/** The URL after the bits of its sealed claim were turned that make one text in it another one. */
function turned(url: string, claim: string, from: string, to: string): string {
  const [path, token = ''] = url.split('?token=');
  const sealed = Buffer.from(token, 'base64url');
  const at = NONCE_BYTES + claim.indexOf(from);
  for (let i = 0; i < from.length; i++) sealed[at + i]! ^= from.charCodeAt(i) ^ to.charCodeAt(i);
  return `${path}?token=${sealed.toString('base64url')}`;
}

/** Another letter near the end of a URL. */
function scratched(url: string): string {
  const at = url.length - 5;
  return url.slice(0, at) + (url[at] === 'A' ? 'B' : 'A') + url.slice(at + 1);
}

function instanceOf({ casUrl }: XetUrls): string {
  return casUrl.split('/').at(-1)!;
}

function soon(): Date {
  return new Date(Date.now() + SOON_MS);
}

async function flawsOfBoth(row: Refusal, hostile: XetHostileWorld, scene: Scene): Promise<readonly string[]> {
  const asHead: Refusal = {
    ...row,
    request: async (...parts) => ({ ...(await row.request(...parts)), method: 'HEAD' }),
  };
  return [...(await hostile.flaws(row, scene)), ...(await hostile.flaws(asHead, scene))];
}

describe('a URL of a xorb opens nothing', () => {
  it.for(urls)('$what', async (row, { hostile, scene }) => {
    expect(await flawsOfBoth(row, hostile, scene)).toEqual([]);
  });
});

describe('a URL of a xorb does not open ranges that it does not name:', () => {
  it.for(ranges)('$what', async (row, { hostile, scene }) => {
    expect(await flawsOfBoth(row, hostile, scene)).toEqual([]);
  });

  it('but those that it names', async ({ hostile, scene }) => {
    const target = xorbUrl({ scene, urls: hostile.hub.deps.xet.urls });
    const expected = scene.kept.xorbs[0]!.body.subarray(1000, 2000);
    const { rawPayload, statusCode } = await hostile.app.inject({ url: target, headers: { range: good } });
    expect([statusCode, rawPayload.equals(expected)]).toEqual([206, true]);
  });
});

describe('a URL of a file opens nothing', () => {
  it.for(files)('$what', async (row, { hostile, scene }) => {
    expect(await hostile.flaws(row, scene)).toEqual([]);
  });
});

describe('no answer', () => {
  it.for(questions)('to a question for $what', async (row, { hostile, scene }) => {
    expect(await hostile.flaws(row, scene)).toEqual([]);
  });
});
