import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOf, tableInOrder, tableOf } from '../../src/domain/git/push-found.ts';
import { type ImportJob, importObjects, type ImportResult } from '../../src/domain/git/push-import.ts';
import { BATCH_FORMAT } from '../../src/git/batch-output.ts';
import { hashObject } from '../../src/git/object.ts';
import { parseOid } from '../../src/git/oid.ts';
import { deflateEntry, encodePackHeader } from '../../src/git/pack-entry.ts';
import { encodeIdx } from '../../src/git/pack-index.ts';
import { rowSource, type WrittenRows } from '../../src/lib/row-file.ts';
import { verifiedObjects } from '../support/verified-objects.ts';
import { ScratchRepo } from './git.ts';

const LIMITS = { objectBytes: 2 ** 26, cacheBytes: 2 ** 20, workBytes: 2 ** 30 };

interface Laid {
  readonly job: ImportJob;
  readonly oids: readonly string[];
}

/** What the job needs beside the pack. */
function jobOf(repo: ScratchRepo, list: string, pack: { packPath: string; idxPath: string }): ImportJob {
  const listPath = join(repo.dir, 'list');
  writeFileSync(listPath, list);
  return {
    ...pack,
    objects: { listPath, objectCount: list.split('\n').length - 1 },
    segmentPath: join(repo.dir, 'segment.pack'),
    objectRowsPath: join(repo.dir, 'objects.rows'),
    commitRowsPath: join(repo.dir, 'commits.rows'),
    storeId: 1,
    segmentId: 9,
    generations: new Map(),
    userId: 1,
    userEmails: [],
    limits: LIMITS,
    isOver: new Int32Array(1),
  };
}

/** Git packs blobs with deltas of its choice, and takes the pack as it takes a push. */
function packedByGit(repo: ScratchRepo, blobs: readonly Buffer[], args: readonly string[]): Laid {
  const oids = blobs.map((bytes) => repo.git(['hash-object', '-w', '--stdin'], bytes).toString().trim());
  const known = [...new Set(oids)];
  // One name for all: git looks for deltas between files of like names.
  const named = known.map((oid) => `${oid} file\n`).join('');
  const sent = repo.git(
    ['-c', 'core.compression=9', 'pack-objects', '-q', '--stdout', '--window=20', '--depth=50', ...args],
    named,
  );
  const target = join(repo.dir, 'received');
  repo.git(['init', '--quiet', '--bare', target]);
  repo.git(['-C', target, 'index-pack', '--stdin', '--fix-thin'], sent);
  const directory = join(target, 'objects', 'pack');
  const base = join(
    directory,
    readdirSync(directory)
      .find((name) => name.endsWith('.idx'))!
      .slice(0, -4),
  );
  const list = repo.git(['cat-file', `--batch-check=${BATCH_FORMAT}`], named).toString();
  return { job: jobOf(repo, list, { packPath: `${base}.pack`, idxPath: `${base}.idx` }), oids: known };
}

/** A pack of entries as they are given, with an idx that says what it is told to. */
function packedByHand(
  repo: ScratchRepo,
  entries: readonly { oid: string; bytes: Buffer; sizeBytes: number }[],
  wanted: readonly string[],
): ImportJob {
  let offset = 12;
  const lines = entries.map(({ oid, bytes }) => {
    const line = { oid: parseOid(oid), offset, crc32: 0 };
    offset += bytes.length;
    return line;
  });
  const body = Buffer.concat([encodePackHeader(entries.length), ...entries.map(({ bytes }) => bytes)]);
  const sum = createHash('sha1').update(body).digest();
  const packPath = join(repo.dir, 'hostile.pack');
  const idxPath = join(repo.dir, 'hostile.idx');
  writeFileSync(packPath, Buffer.concat([body, sum]));
  writeFileSync(idxPath, encodeIdx(lines, sum));
  const sizes = new Map(entries.map(({ oid, sizeBytes }) => [oid, sizeBytes]));
  const list = wanted.map((oid) => `${oid} blob ${sizes.get(oid) ?? 1} file\n`).join('');
  return jobOf(repo, list, { packPath, idxPath });
}

const REF_DELTA = 7;

function refDelta(baseOid: string, delta: Buffer): Buffer {
  if (delta.length > 15) throw new RangeError('the head of this entry has one byte');
  return Buffer.concat([
    Buffer.of((REF_DELTA << 4) | delta.length),
    Buffer.from(baseOid, 'hex'),
    deflateSync(delta),
  ]);
}

function whole(bytes: Buffer): { oid: string; bytes: Buffer; sizeBytes: number } {
  const { header, body } = deflateEntry('blob', bytes);
  return { oid: hashObject('blob', bytes), bytes: Buffer.concat([header, body]), sizeBytes: bytes.length };
}

const idOf = (n: number): string => n.toString(16).padStart(40, '0');

async function textOf(rows: readonly WrittenRows[]): Promise<string> {
  let text = '';
  for await (const piece of rowSource(...rows).read()) text += piece;
  return text;
}

async function refused(
  entries: readonly { oid: string; bytes: Buffer; sizeBytes: number }[],
  wanted: readonly string[],
  limits = LIMITS,
): Promise<ImportResult> {
  using repo = new ScratchRepo();
  return importObjects({ ...packedByHand(repo, entries, wanted), limits });
}

describe('an import', () => {
  it('makes of any deltas of git the segment and rows of whole objects', { timeout: 120_000 }, async () => {
    const text = fc.uint8Array({ minLength: 200, maxLength: 4000 });
    const edit = fc.record({
      at: fc.nat(4000),
      cut: fc.nat(40),
      put: fc.uint8Array({ maxLength: 40 }),
    });
    let deltas = 0;
    await fc.assert(
      fc.asyncProperty(text, fc.array(edit, { maxLength: 25 }), fc.boolean(), async (first, edits, isOfs) => {
        using repo = new ScratchRepo();
        const blobs = [Buffer.from(first)];
        for (const { at, cut, put } of edits) {
          const before = blobs.at(-1)!;
          blobs.push(Buffer.concat([before.subarray(0, at), put, before.subarray(at + cut)]));
        }
        const segmentPath = join(repo.dir, 'segment.pack');
        const { job, oids } = packedByGit(repo, blobs, isOfs ? ['--delta-base-offset'] : []);
        const result = importObjects(job);
        if (result.kind !== 'done') throw new Error(result.kind);
        const { segment, objectRows } = result.imported;
        const pack = readFileSync(segmentPath);
        const found = await verifiedObjects(pack);
        expect(new Set(found.map(({ oid }) => oid))).toEqual(new Set(oids));
        expect(found).toHaveLength(oids.length);
        repo.git(['index-pack', '--strict', '-o', 'check.idx', segmentPath]);
        expect(readFileSync(join(repo.dir, 'check.idx')).equals(segment!.idx)).toBe(true);
        const rows = (await textOf(objectRows)).split('\n').filter(Boolean);
        const byOid = new Map(blobs.map((bytes) => [hashObject('blob', bytes), bytes]));
        const expected = found.map(({ oid, sizeBytes, offset, packedBytes }) => {
          const bytes = byOid.get(oid)!;
          const data = sizeBytes <= 1024 ? `\\\\x${bytes.toString('hex')}` : '\\N';
          const sha256 =
            sizeBytes <= 1024 ? `\\\\x${createHash('sha256').update(bytes).digest('hex')}` : '\\N';
          return [
            '1',
            '9',
            `\\\\x${oid}`,
            '3',
            sizeBytes,
            offset,
            packedBytes,
            data,
            sha256,
            '\\N',
            '\\N',
          ].join('\t');
        });
        expect(rows).toEqual(expected);
        const verbose = repo.git(['verify-pack', '-v', job.idxPath]).toString();
        deltas += verbose.split('\n').filter((line) => /^\w{40} .* \w{40}$/.test(line)).length;
      }),
      { numRuns: 12, seed: 5 },
    );
    expect(deltas).toBeGreaterThan(20);
  });

  it('passes large files through in pieces', { timeout: 60_000 }, async () => {
    using repo = new ScratchRepo();
    const large = Buffer.alloc(17 * 2 ** 20, 'large ');
    const { job, oids } = packedByGit(repo, [large, Buffer.from('small')], ['--window=0']);
    const result = importObjects({ ...job, limits: { ...LIMITS, objectBytes: 1000 } });
    if (result.kind !== 'done') throw new Error(result.kind);
    const found = await verifiedObjects(readFileSync(join(repo.dir, 'segment.pack')));
    expect(found.map(({ oid }) => oid).toSorted()).toEqual(oids.toSorted());
    expect(await textOf(result.imported.objectRows)).toContain(`\t3\t${large.length}\t`);
  });

  it('leaves whole objects where they are, and can be done in parts', { timeout: 60_000 }, async () => {
    using repo = new ScratchRepo();
    const blobs = [Buffer.alloc(17 * 2 ** 20, 'large '), ...['a', 'b', 'c'].map((text) => Buffer.from(text))];
    const { job, oids } = packedByGit(repo, blobs, ['--window=0']);
    const found = await verifiedObjects(readFileSync(job.packPath));
    const table = tableOf(found.map((object) => ({ ...object, rest: `of ${object.oid}\nmore` })));
    using objects = tableInOrder(table);
    expect(found.map((_, i) => objects.headerAt(i))).toEqual(
      found.map(({ oid, type, sizeBytes }) => ({ oid, type, sizeBytes, rest: Buffer.from(`of ${oid}`) })),
    );
    const here = { ...job, segmentPath: null, limits: { ...LIMITS, objectBytes: 1000 } };
    const rows: string[][] = [];
    for (const [i, part] of partsOf(table, 2).entries()) {
      const [objectRowsPath, commitRowsPath] = [join(repo.dir, `o${i}`), join(repo.dir, `c${i}`)];
      const result = importObjects({ ...here, objects: part, objectRowsPath, commitRowsPath });
      if (result.kind !== 'done') throw new Error(result.kind);
      expect(result.imported.segment).toBeNull();
      const text = await textOf(result.imported.objectRows);
      const lines = text.split('\n').filter(Boolean);
      expect(lines).toHaveLength(2);
      rows.push(...lines.map((line) => line.split('\t')));
    }
    const byOid = new Map(blobs.map((bytes) => [hashObject('blob', bytes), bytes]));
    expect(rows.map((cells) => [2, 4, 5, 6, 8].map((column) => cells[column]))).toEqual(
      found.map(({ oid, sizeBytes, offset, packedBytes }) => [
        `\\\\x${oid}`,
        String(sizeBytes),
        String(offset),
        String(packedBytes),
        sizeBytes > 1024 ? '\\N' : `\\\\x${createHash('sha256').update(byOid.get(oid)!).digest('hex')}`,
      ]),
    );
    expect(new Set(found.map(({ oid }) => oid))).toEqual(new Set(oids));
    // As soon as a byte is another one than git has seen.
    const damaged = readFileSync(job.packPath);
    const at = found.at(-1)!.offset + 3;
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    const packPath = join(repo.dir, 'damaged.pack');
    writeFileSync(packPath, damaged);
    expect(importObjects({ ...here, packPath, objects: table })).toMatchObject({ kind: 'corrupt' });
  });

  it('says when the pack has not all of it, and when nobody waits any more', async () => {
    using repo = new ScratchRepo();
    const { job } = packedByGit(repo, [Buffer.from('one')], []);
    expect(importObjects({ ...job, isOver: new Int32Array([1]) })).toEqual({ kind: 'over' });
    writeFileSync(join(repo.dir, 'list'), `${idOf(1)} blob 3 file\n`);
    expect(importObjects(job)).toEqual({ kind: 'incomplete' });
  });
});

describe('a hostile pack', () => {
  it('with deltas that build on each other in a circle ends', async () => {
    const copy = Buffer.of(1, 1, 0x90, 1);
    const entries = [
      { oid: idOf(1), bytes: refDelta(idOf(2), copy), sizeBytes: 1 },
      { oid: idOf(2), bytes: refDelta(idOf(1), copy), sizeBytes: 1 },
    ];
    expect(await refused(entries, [idOf(1)])).toMatchObject({ kind: 'corrupt' });
    const itself = [{ oid: idOf(1), bytes: refDelta(idOf(1), copy), sizeBytes: 1 }];
    expect(await refused(itself, [idOf(1)])).toMatchObject({ kind: 'corrupt' });
  });

  it('with a base that is too large for memory is too hard', async () => {
    const base = whole(Buffer.alloc(100_000));
    const small = {
      oid: idOf(1),
      bytes: refDelta(base.oid, Buffer.of(0xa0, 0x8d, 6, 1, 0x90, 1)),
      sizeBytes: 1,
    };
    const limits = { ...LIMITS, objectBytes: 99_999 };
    expect(await refused([base, small], [idOf(1)], limits)).toEqual({ kind: 'too hard', costs: 'memory' });
  });

  it('with a delta that announces a large object is too hard', async () => {
    const base = whole(Buffer.alloc(1));
    const bomb = Buffer.of(1, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x90, 1);
    const entry = { oid: idOf(1), bytes: refDelta(base.oid, bomb), sizeBytes: 1 };
    expect(await refused([base, entry], [idOf(1)])).toEqual({ kind: 'too hard', costs: 'memory' });
  });

  it('with padding that means nothing is too hard', async () => {
    const { header } = deflateEntry('blob', Buffer.from('x'));
    const blocks = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.of(0, 0, 0, 0xff, 0xff)));
    const bytes = Buffer.concat([header, Buffer.of(0x78, 0x01), blocks]);
    expect(await refused([{ oid: idOf(1), bytes, sizeBytes: 1 }], [idOf(1)])).toEqual({
      kind: 'too hard',
      costs: 'memory',
    });
  });

  it('whose bases must be made again and again is too hard', async () => {
    // A chain in the wrong order, and no room to keep what was made.
    const base = whole(Buffer.alloc(1, 'x'));
    const chain = Array.from({ length: 400 }, (_, i) => ({
      oid: idOf(i + 1),
      bytes: refDelta(i === 399 ? base.oid : idOf(i + 2), Buffer.of(1, 1, 1, 0x78)),
      sizeBytes: 1,
    }));
    const limits = { ...LIMITS, cacheBytes: 0, workBytes: 50_000 };
    expect(await refused([...chain, base], [idOf(1)], limits)).toEqual({ kind: 'too hard', costs: 'time' });
  });

  it('that holds another object than its idx says is refused', async () => {
    const { bytes } = whole(Buffer.from('x'));
    expect(await refused([{ oid: idOf(1), bytes, sizeBytes: 1 }], [idOf(1)])).toMatchObject({
      kind: 'corrupt',
    });
    const cut = whole(Buffer.from('a longer text'));
    const broken = { ...cut, bytes: cut.bytes.subarray(0, 9) };
    expect(await refused([broken], [cut.oid])).toMatchObject({ kind: 'corrupt' });
    expect(await refused([{ ...cut, sizeBytes: 5 }], [cut.oid])).toMatchObject({ kind: 'corrupt' });
  });
});
