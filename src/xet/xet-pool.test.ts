import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chunkList, fileOf, type SampleXorb, shardOf } from '../../test/fuzz/xet-samples.ts';
import { chunksOf, packFiles, termOf, xorbFrom } from '../../test/support/xet-pack.ts';
import { parseSha256 } from '../lib/sha256.ts';
import type { XorbId } from './xorb-id.ts';
import { decodeTerms } from './file-terms.ts';
import { chunkHash } from './keyed-hash.ts';
import { fileHash } from './merkle.ts';
import { parseXetHash, XET_HASH_BYTES, type XetHash, xetHashText } from './xet-hash.ts';
import { type FileCheck, XetPool } from './xet-pool.ts';
import { verifyXorb, xorbForm } from './xorb.ts';
import { CHUNK_HEADER_BYTES, encodeXorbIndex, ENTRY_BYTES } from './xorb-index.ts';

const TEXT = Buffer.from('The same words again and again. '.repeat(40_000));
const ABSENT = parseXetHash('ab'.repeat(32));
const FORM = 'cd'.repeat(32) as XorbId;

const pool = new XetPool({ maxWorkers: 2 });
afterAll(() => pool.close());

/** All chunks of a xorb from number `start` on, as the database gives them. */
function entriesOf(sample: SampleXorb, start = 0) {
  const { index } = verifyXorb(sample.body, sample.hash);
  const bytes = new Uint8Array(encodeXorbIndex(index).subarray(start * ENTRY_BYTES));
  return { bytes, starts: Uint32Array.of(start === 0 ? 0 : index.ends[start - 1]!), xorbs: [FORM] };
}

/** The only term of `fileOf`. */
function outlineTerm(sample: SampleXorb) {
  const { chunkStart, chunkEnd, rawBytes } = fileOf(sample).terms[0]!;
  return { xorb: FORM, chunkStart, chunkEnd, rawBytes };
}

async function withCheck<Result>(work: (check: FileCheck) => Promise<Result>): Promise<Result> {
  const check = await pool.openFileCheck();
  try {
    return await work(check);
  } finally {
    check.release();
  }
}

/** Verifies a body that lies in a file, as uploads do. */
async function verify(body: Buffer, hash: XetHash) {
  const folder = await mkdtemp(join(tmpdir(), 'hub-xet-pool-'));
  const handle = await open(join(folder, 'body'), 'wx+');
  try {
    await handle.write(body);
    return await pool.verifyXorb({ fd: handle.fd, sizeBytes: body.length }, hash);
  } finally {
    await handle.close();
    await rm(folder, { recursive: true });
  }
}

describe('verifyXorb', () => {
  it('tells where the chunks end, without a footer', async () => {
    const sample = xorbFrom(chunksOf(TEXT), 1);
    const footer = Buffer.concat([Buffer.from('XETBLOB'), Buffer.alloc(100)]);
    const whole = Buffer.concat([sample.body, footer]);
    const { index, form, rawBytes, serializedBytes } = await verify(whole, sample.hash);
    expect([rawBytes, serializedBytes]).toEqual([TEXT.length, sample.body.length]);
    expect(index.hashes.equals(sample.hashes)).toBe(true);
    expect(Buffer.from(form)).toEqual(xorbForm(sample.body));
  });

  it('keeps nothing of the xorb before, which was longer', async () => {
    const bodies = [xorbFrom(chunksOf(TEXT)), xorbFrom([Buffer.from('hello')]), xorbFrom(chunksOf(TEXT), 1)];
    for (const { body, hash, hashes } of [...bodies, ...bodies]) {
      const { index, serializedBytes } = await verify(body, hash);
      expect(index.hashes.equals(hashes)).toBe(true);
      expect(serializedBytes).toBe(body.length);
    }
  });

  it('refuses as in this thread', async () => {
    const sample = xorbFrom([Buffer.from('hello')]);
    await expect(verify(sample.body, ABSENT)).rejects.toMatchObject({
      code: 'BadRequest',
      message: `The uploaded xorb has the hash ${sample.hash}, not ${ABSENT}. Upload it again.`,
    });
  });

  it('does not blame the client for a file that is too short', async () => {
    const { body, hash } = xorbFrom([Buffer.from('hello')]);
    const folder = await mkdtemp(join(tmpdir(), 'hub-xet-pool-'));
    const handle = await open(join(folder, 'body'), 'wx+');
    await handle.write(body);
    const cut = pool.verifyXorb({ fd: handle.fd, sizeBytes: body.length + 1 }, hash);
    await expect(cut).rejects.toThrow('a xet worker failed');
    await handle.close();
    await rm(folder, { recursive: true });
  });
});

describe('outlineShard', () => {
  it('gives every file with its terms', async () => {
    const packed = packFiles([TEXT, Buffer.from('short'), Buffer.alloc(0)]);
    const { files, terms } = await pool.outlineShard(shardOf(packed));
    expect(files).toEqual(
      packed.files.map(({ hash, sha256, terms }, i) => ({
        hash,
        sha256,
        firstTerm: [0, 9, 10][i],
        termCount: terms.length,
        chunkCount: terms.reduce((sum, term) => sum + term.chunkEnd - term.chunkStart, 0),
        sizeBytes: [TEXT.length, 5, 0][i],
      })),
    );
    expect(terms.length).toBe(10 * 80);
  });

  it('refuses what is no shard', async () => {
    await expect(pool.outlineShard(Buffer.alloc(1000))).rejects.toMatchObject({ code: 'BadRequest' });
  });
});

describe('a check of a file', () => {
  it('finds out what the file is, however its bytes are cut', async () => {
    const sample = xorbFrom(chunksOf(TEXT), 2);
    const outline = await pool.outlineShard(shardOf({ files: [fileOf(sample)], xorbs: [] }));
    const answer = await withCheck(async (check) => {
      await check.begin(outline.files[0]!);
      const terms = await check.addTerms({ outline, first: 0, count: 1 }, entriesOf(sample));
      const firstChunk = await check.endTerms();
      for (let at = 0; at < sample.body.length; at += 777) {
        await check.addPiece('addChunks', Buffer.from(sample.body.subarray(at, at + 777)));
      }
      return { terms: decodeTerms(terms), firstChunk, ...(await check.digest()) };
    });
    expect(answer).toEqual({
      terms: [{ ...outlineTerm(sample), byteStart: 0, byteEnd: sample.body.length }],
      firstChunk: sample.hashes.subarray(0, XET_HASH_BYTES),
      sha256: parseSha256(createHash('sha256').update(TEXT).digest('hex')),
      sizeBytes: TEXT.length,
    });
  });

  it('hashes bytes of a virtual xorb as they are', async () => {
    const digest = await withCheck(async (check) => {
      await check.begin({ hash: ABSENT, chunkCount: 0 });
      await check.addPiece('addContent', Buffer.from('hello '));
      await check.addPiece('addContent', Buffer.from('world'));
      return check.digest();
    });
    expect(digest.sizeBytes).toBe(11);
    expect(digest.sha256).toBe(createHash('sha256').update('hello world').digest('hex'));
  });

  it('takes chunks from the middle of a xorb', async () => {
    const chunks = chunksOf(Buffer.concat([TEXT, Buffer.from('the end')]));
    const sample = xorbFrom(chunks);
    const start = chunks.length - 2;
    const file = { hash: xetHashText(fileHash(chunkList(chunks.slice(start)))) };
    const term = termOf(sample, start, chunks.length);
    const outline = await pool.outlineShard(shardOf({ files: [{ ...file, terms: [term] }], xorbs: [] }));
    const terms = await withCheck(async (check) => {
      await check.begin(outline.files[0]!);
      const terms = await check.addTerms({ outline, first: 0, count: 1 }, entriesOf(sample, start));
      expect(await check.endTerms()).toEqual(chunkHash(chunks[start]!));
      return decodeTerms(terms);
    });
    const [beforeLast, last] = chunks.slice(start);
    const lengthBytes = beforeLast!.length + last!.length + 2 * CHUNK_HEADER_BYTES;
    const bytes = { byteStart: sample.body.length - lengthBytes, byteEnd: sample.body.length };
    expect(terms).toMatchObject([{ chunkStart: start, chunkEnd: chunks.length, ...bytes }]);
  });

  it('does not confirm chunks by a wrong proof', async () => {
    const sample = xorbFrom(chunksOf(TEXT));
    const [file] = [fileOf(sample)];
    const terms = [{ ...file.terms[0]!, rangeHash: Buffer.alloc(32, 1) }];
    const outline = await pool.outlineShard(shardOf({ files: [{ ...file, terms }], xorbs: [] }));
    const refused = withCheck(async (check) => {
      await check.begin(outline.files[0]!);
      return check.addTerms({ outline, first: 0, count: 1 }, entriesOf(sample));
    });
    await expect(refused).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringMatching(/^The hub cannot confirm chunks 0 to \d+ of xorb/) as unknown,
    });
  });

  it('does not blame the client for a damaged index', async () => {
    const sample = xorbFrom(chunksOf(TEXT));
    const outline = await pool.outlineShard(shardOf({ files: [fileOf(sample)], xorbs: [] }));
    const damaged = withCheck(async (check) => {
      await check.begin(outline.files[0]!);
      const { bytes, ...entries } = entriesOf(sample);
      return check.addTerms({ outline, first: 0, count: 1 }, { bytes: bytes.fill(0), ...entries });
    });
    await expect(damaged).rejects.toThrow('a xet worker failed');
  });

  it('refuses another file, another length, and terms without proof', async () => {
    const sample = xorbFrom(chunksOf(TEXT));
    const honest = fileOf(sample);
    const [term] = honest.terms;
    const forged = {
      'make the file': { ...honest, hash: ABSENT },
      [`have ${TEXT.length} bytes, not 5`]: { ...honest, terms: [{ ...term!, rawBytes: 5 }] },
      'has no range hashes': { ...honest, withoutRangeHashes: true as const },
    };
    for (const [reason, file] of Object.entries(forged)) {
      const outline = await pool.outlineShard(shardOf({ files: [file], xorbs: [] }));
      const refused = withCheck(async (check) => {
        await check.begin(outline.files[0]!);
        await check.addTerms({ outline, first: 0, count: 1 }, entriesOf(sample));
        return check.endTerms();
      });
      await expect(refused).rejects.toMatchObject({
        code: 'BadRequest',
        message: expect.stringContaining(reason) as unknown,
      });
    }
  });

  it('is not refused as a mistake of the client when a stored xorb is damaged', async () => {
    const damaged = withCheck(async (check) => {
      await check.begin({ hash: ABSENT, chunkCount: 0 });
      await check.addPiece('addChunks', Buffer.alloc(20));
    });
    await expect(damaged).rejects.toThrow('a xet worker failed');
  });
});
