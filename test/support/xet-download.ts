import { decodeChunk } from '../../src/xet/xorb.ts';
import type { XetHash } from '../../src/xet/xet-hash.ts';
import { localPath } from './lfs-world.ts';
import type { XetConnection, XetWorld } from './xet-world.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Terms {
  readonly offset_into_first_range: number;
  readonly terms: readonly {
    readonly hash: string;
    readonly unpacked_length: number;
    readonly range: Span;
  }[];
}

export interface AnswerV2 extends Terms {
  readonly xorbs: Readonly<
    Record<string, readonly { url: string; ranges: readonly { chunks: Span; bytes: Span }[] }[]>
  >;
}

export interface AnswerV1 extends Terms {
  readonly fetch_info: Readonly<Record<string, readonly { range: Span; url: string; url_range: Span }[]>>;
}

/** Bytes of a xorb that a client fetched: chunks from `chunks.start` on. */
interface Fetched {
  readonly chunks: Span;
  readonly bytes: Buffer;
}

/** A file as `hf_xet` gets it: one request for each range. @param range inclusive. */
export async function downloadV1(
  world: XetWorld,
  to: XetConnection,
  hash: XetHash,
  range?: Span,
): Promise<Buffer> {
  const answer = await ask<AnswerV1>(world, to, `/v1/reconstructions/${hash}`, range);
  const fetched = new Map<string, Fetched[]>();
  for (const [xorb, entries] of Object.entries(answer.fetch_info)) {
    const all: Fetched[] = [];
    for (const { range: chunks, url, url_range: bytes } of entries)
      all.push({ chunks, bytes: (await fetchRanges(world, url, [bytes]))[0]! });
    fetched.set(xorb, all);
  }
  return assemble(answer, fetched, range);
}

/** A file as huggingface.js gets it: one request for each URL, with all its ranges. @param range inclusive. */
export async function downloadV2(
  world: XetWorld,
  to: XetConnection,
  hash: XetHash,
  range?: Span,
): Promise<Buffer> {
  const answer = await ask<AnswerV2>(world, to, `/v2/reconstructions/${hash}`, range);
  const fetched = new Map<string, Fetched[]>();
  for (const [xorb, entries] of Object.entries(answer.xorbs)) {
    const all: Fetched[] = [];
    for (const { url, ranges } of entries) {
      const parts = await fetchRanges(
        world,
        url,
        ranges.map(({ bytes }) => bytes),
      );
      all.push(...ranges.map(({ chunks }, i) => ({ chunks, bytes: parts[i]! })));
    }
    fetched.set(xorb, all);
  }
  return assemble(answer, fetched, range);
}

async function ask<Answer>(world: XetWorld, to: XetConnection, path: string, range?: Span): Promise<Answer> {
  const headers = range && { range: `bytes=${range.start}-${range.end}` };
  const response = await world.cas(to, 'GET', path, headers && { headers });
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${response.body}`);
  return response.json<Answer>();
}

/** Without a token, as clients do it. The body of each range, in order. */
async function fetchRanges(world: XetWorld, url: string, ranges: readonly Span[]): Promise<Buffer[]> {
  const range = `bytes=${ranges.map(({ start, end }) => `${start}-${end}`).join(',')}`;
  const response = await world.get(url, { range });
  if (response.statusCode !== 206)
    throw new Error(`${localPath(url)}: ${response.statusCode} ${response.body}`);
  if (ranges.length === 1) return [response.rawPayload];
  return multipartBodies(String(response.headers['content-type']), response.rawPayload);
}

/** The bodies of a `multipart/byteranges` answer, found by its boundary alone. */
export function multipartBodies(contentType: string, payload: Buffer): Buffer[] {
  const boundary = /^multipart\/byteranges; boundary=([\w-]+)$/.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error(`no boundary in ${contentType}`);
  const delimiter = `\r\n--${boundary}`;
  const bodies: Buffer[] = [];
  const framed = Buffer.concat([
    Buffer.from(payload.subarray(0, 2).equals(Buffer.from('--')) ? '\r\n' : ''),
    payload,
  ]);
  let at = framed.indexOf(delimiter);
  for (;;) {
    const head = at + delimiter.length;
    if (framed.toString('latin1', head, head + 2) === '--') return bodies;
    at = framed.indexOf(delimiter, head);
    if (at === -1) throw new Error('the last part has no end');
    bodies.push(framed.subarray(framed.indexOf('\r\n\r\n', head) + 4, at));
  }
}

function assemble(answer: Terms, fetched: ReadonlyMap<string, readonly Fetched[]>, range?: Span): Buffer {
  const terms = answer.terms.map(({ hash, unpacked_length: length, range: chunks }) => {
    // The rule of the protocol: a term lies inside one single range.
    const source = fetched
      .get(hash)
      ?.find((part) => part.chunks.start <= chunks.start && chunks.end <= part.chunks.end);
    if (!source) throw new Error('a term without a range around it');
    const bytes = decode(source, chunks);
    if (bytes.length !== length) throw new Error(`a term of ${bytes.length} bytes instead of ${length}`);
    return bytes;
  });
  const whole = Buffer.concat(terms).subarray(answer.offset_into_first_range);
  return range ? whole.subarray(0, range.end - range.start + 1) : whole;
}

function decode({ chunks, bytes }: Fetched, wanted: Span): Buffer {
  const target = Buffer.alloc(131_072);
  const parts: Buffer[] = [];
  let offset = 0;
  for (let chunk = chunks.start; chunk < chunks.end; chunk++) {
    const { lengthBytes, nextOffset } = decodeChunk(bytes, offset, target);
    if (chunk >= wanted.start && chunk < wanted.end) parts.push(Buffer.from(target.subarray(0, lengthBytes)));
    offset = nextOffset;
  }
  if (offset !== bytes.length) throw new Error('a range that does not end with its last chunk');
  return Buffer.concat(parts);
}
