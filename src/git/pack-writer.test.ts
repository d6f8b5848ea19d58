import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { hashObject } from './object.ts';
import type { ObjectType } from './object.ts';
import { verifiedObjects } from '../../test/support/verified-objects.ts';
import { decodeEntryHeader, encodeEntryHeader } from './pack-entry.ts';
import { packSumOf } from './pack-index.ts';
import { PackStream } from './pack-stream.ts';
import { buildPack } from './pack-writer.ts';
import type { ObjectToPack } from './pack-writer.ts';

function object(type: ObjectType, text: string): ObjectToPack {
  const bytes = Buffer.from(text);
  return { oid: hashObject(type, bytes), type, bytes };
}

const OBJECTS = [
  object('blob', 'hello\n'),
  object('blob', ''),
  object('tag', 'x'.repeat(5000)),
  object('blob', 'hello\n'),
];

describe('buildPack', () => {
  const { pack, idx, packSum, entries } = buildPack(OBJECTS);

  it('writes each object once, behind a header with their number', async () => {
    expect(pack.toString('latin1', 0, 4)).toBe('PACK');
    expect(pack.readUInt32BE(8)).toBe(3);
    expect(entries).toEqual(await verifiedObjects(pack));
    expect(entries).toHaveLength(3);
    expect(entries.map(({ type, sizeBytes }) => [type, sizeBytes])).toEqual([
      ['blob', 6],
      ['blob', 0],
      ['tag', 5000],
    ]);
  });

  it('answers where each object lies', () => {
    let offset = 12;
    for (const entry of entries) {
      expect(entry.offset).toBe(offset);
      expect(entry.crc32).toBe(crc32(pack.subarray(offset, offset + entry.packedBytes)));
      offset += entry.packedBytes;
    }
    expect(offset).toBe(pack.length - 20);
  });

  it('ends in the checksum that the index repeats', () => {
    expect(pack.subarray(-20)).toEqual(packSum);
    expect(createHash('sha1').update(pack.subarray(0, -20)).digest()).toEqual(packSum);
    expect(packSumOf(idx)).toEqual(packSum);
  });
});

describe('entry headers', () => {
  it.for([0, 15, 16, 2047, 2048, 0xffff_ffff, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER])(
    'hold the size %d',
    (sizeBytes) => {
      const header = encodeEntryHeader('blob', sizeBytes);
      expect(decodeEntryHeader(header)).toEqual({ typeCode: 3, sizeBytes, headerBytes: header.length });
      expect(decodeEntryHeader(header.subarray(0, -1))).toBeUndefined();
    },
  );

  it('are refused when the size never ends', () => {
    expect(decodeEntryHeader(Buffer.alloc(100, 0xff))).toBeUndefined();
  });
});

describe('PackStream', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hub-pack-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it.for([
    { name: 'count known', options: { objectCount: 3 } },
    { name: 'count patched', options: {} },
  ])('writes what buildPack builds: $name', async ({ name, options }) => {
    const path = join(dir, name);
    await using file = await open(path, 'w+');
    const stream = new PackStream(file, options);
    for (const each of OBJECTS) await stream.add(each);
    const written = await stream.finish();
    const { pack, ...rest } = buildPack(OBJECTS);
    expect(written).toEqual({ ...rest, packBytes: pack.length });
    expect(await readFile(path)).toEqual(pack);
  });

  it('flushes while it is fed', async () => {
    const path = join(dir, 'large');
    await using file = await open(path, 'w+');
    const stream = new PackStream(file);
    const objects = Array.from({ length: 5 }, (_, i): ObjectToPack => {
      const bytes = createHash('shake256', { outputLength: 700_000 }).update(`${i}`).digest();
      return { oid: hashObject('blob', bytes), type: 'blob', bytes };
    });
    for (const each of objects) await stream.add(each);
    expect((await file.stat()).size).toBeGreaterThan(2_000_000);
    const { packBytes } = await stream.finish();
    const found = await verifiedObjects(await readFile(path));
    expect(found.map(({ oid }) => oid)).toEqual(objects.map(({ oid }) => oid));
    expect((await file.stat()).size).toBe(packBytes);
  });

  it('refuses to finish with another number of objects than announced', async () => {
    await using file = await open(join(dir, 'short'), 'w+');
    const stream = new PackStream(file, { objectCount: 2 });
    await stream.add(OBJECTS[0]!);
    await expect(stream.finish()).rejects.toThrow('announced with 2 objects and got 1');
  });
});
