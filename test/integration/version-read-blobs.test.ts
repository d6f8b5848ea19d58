import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import type { BlobService, OpenBlob } from '../../src/domain/version/blob.service.ts';
import type { TreeFile } from '../../src/domain/version/values.ts';
import type { ByteRange } from '../../src/storage/byte-range.ts';
import { type BareRepo, it } from '../support/history-it.ts';
import type { Hub } from '../../src/server/hub.ts';

// Each lies in another place: the object's row, the segment's row, the object store whole, the object store as a stream.
const CONTENTS = {
  empty: Buffer.alloc(0),
  tiny: Buffer.from('hello'),
  inline: randomBytes(5000),
  stored: randomBytes(200_000),
  large: Buffer.concat([randomBytes(1_500_000), Buffer.alloc(1_500_000, 'text ')]),
};

async function storedFile(hub: Hub, { access, history }: BareRepo, content: Buffer): Promise<TreeFile> {
  const oid = await history.commit({ title: 'first', files: { 'a.bin': content, 'b.bin': 'other' } });
  const file = await hub.services().trees.entry(access, oid, 'a.bin');
  return file as TreeFile;
}

async function bytesOf({ body }: OpenBlob): Promise<Buffer> {
  return Buffer.isBuffer(body) ? body : buffer(body);
}

describe('file contents', () => {
  it.for(Object.entries(CONTENTS))('of a file that is %s', async ([, content], { hub, bareRepo }) => {
    const repo = await bareRepo();
    const file = await storedFile(hub, repo, content);
    const { blobs } = hub.services();
    const read = await blobs.read(repo.access, file.oid, content.length);
    expect(read.equals(content)).toBe(true);
    const opened = await blobs.open(repo.access, file);
    expect(opened).toMatchObject({ sizeBytes: content.length, offsetBytes: 0, lengthBytes: content.length });
    expect((await bytesOf(opened)).equals(content)).toBe(true);
    const tooLarge = blobs.read(repo.access, file.oid, content.length - 1);
    await expect(tooLarge).rejects.toMatchObject({ code: 'PayloadTooLarge' });
  });

  it.for(['tiny', 'inline', 'stored', 'large'] as const)('in ranges, %s', async (name, { hub, bareRepo }) => {
    const content = CONTENTS[name];
    const repo = await bareRepo();
    const file = await storedFile(hub, repo, content);
    await checkRanges(hub.services().blobs, repo, { file, content });
  });

  it('of a large file is a stream that may be left early', async ({ hub, bareRepo }) => {
    const repo = await bareRepo();
    const file = await storedFile(hub, repo, CONTENTS.large);
    const { body } = await hub.services().blobs.open(repo.access, file);
    expect(body).toBeInstanceOf(Readable);
    (body as Readable).destroy();
    expect((body as Readable).destroyed).toBe(true);
  });

  it('are not there for trees', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const oid = await history.commit({ title: 'first', files: { a: '1' } });
    const { blobs, trees } = hub.services();
    const root = await trees.entry(access, oid, '');
    await expect(blobs.read(access, root!.oid, 1000)).rejects.toMatchObject({ code: 'NotFound' });
  });
});

async function checkRanges(
  blobs: BlobService,
  { access }: BareRepo,
  { file, content }: { file: TreeFile; content: Buffer },
): Promise<void> {
  const last = content.length - 1;
  const ranges: [ByteRange, number, number][] = [
    [{ start: 0, end: 0 }, 0, 1],
    [{ start: 1, end: last - 1 }, 1, last],
    [{ start: 2 }, 2, content.length],
    [{ start: last, end: last + 500 }, last, content.length],
    [{ lastBytes: 2 }, last - 1, content.length],
  ];
  for (const [range, from, to] of ranges) {
    const opened = await blobs.open(access, file, range);
    expect(opened).toMatchObject({ sizeBytes: content.length, offsetBytes: from, lengthBytes: to - from });
    expect((await bytesOf(opened)).equals(content.subarray(from, to))).toBe(true);
  }
  await expect(blobs.open(access, file, { start: content.length })).rejects.toMatchObject({
    code: 'RangeNotSatisfiable',
    details: { sizeBytes: content.length },
  });
}
