import type { Reconstruction, XorbFetch } from '../../src/domain/xet/reconstruction.service.ts';
import type { XorbPart } from '../../src/domain/xet/plan-reconstruction.ts';

/** The answer of `/v2/reconstructions`: each URL with all ranges that it allows. */
export function reconstructionV2(reconstruction: Reconstruction) {
  return {
    ...termsOf(reconstruction),
    xorbs: byXorb(reconstruction, ({ url, parts }) => [
      { url, ranges: parts.map((part) => ({ chunks: chunksOf(part), bytes: bytesOf(part) })) },
    ]),
  };
}

/** The answer of `/v1/reconstructions`: one URL for each range. */
export function reconstructionV1(reconstruction: Reconstruction) {
  return {
    ...termsOf(reconstruction),
    fetch_info: byXorb(reconstruction, ({ url, parts }) =>
      parts.map((part) => ({ range: chunksOf(part), url, url_range: bytesOf(part) })),
    ),
  };
}

function termsOf({ skipBytes, terms }: Reconstruction) {
  return {
    offset_into_first_range: skipBytes,
    terms: terms.map((term) => ({
      hash: term.hash,
      unpacked_length: term.rawBytes,
      range: chunksOf(term),
    })),
  };
}

function byXorb<Entry>(
  { fetches }: Reconstruction,
  entriesOf: (fetch: XorbFetch) => readonly Entry[],
): Record<string, Entry[]> {
  return Object.fromEntries([...fetches].map(([xorb, all]) => [xorb, all.flatMap(entriesOf)]));
}

/** The end is exclusive. */
function chunksOf({ chunkStart, chunkEnd }: Pick<XorbPart, 'chunkStart' | 'chunkEnd'>) {
  return { start: chunkStart, end: chunkEnd };
}

/** The end is inclusive, as in HTTP. */
function bytesOf({ byteStart, byteEnd }: XorbPart) {
  return { start: byteStart, end: byteEnd - 1 };
}
