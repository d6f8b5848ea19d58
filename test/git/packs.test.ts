import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { encodeCommit } from '../../src/git/commit.ts';
import { hashObject } from '../../src/git/object.ts';
import { PackPool } from '../../src/git/pack-pool.ts';
import { PackStream } from '../../src/git/pack-stream.ts';
import { buildPack } from '../../src/git/pack-writer.ts';
import type { ObjectToPack, Pack } from '../../src/git/pack-writer.ts';
import { encodeTree } from '../../src/git/tree.ts';
import { ScratchRepo } from './git.ts';

const pool = new PackPool();
afterAll(() => pool.close());

function blob(bytes: Uint8Array): ObjectToPack {
  return { oid: hashObject('blob', bytes), type: 'blob', bytes };
}

/** A commit, its tree and its files: closed, as `--strict` demands. */
function commitOf(contents: readonly Uint8Array[]): ObjectToPack[] {
  const blobs = contents.map(blob);
  const tree = encodeTree(blobs.map(({ oid }, i) => ({ name: `f${i}`, mode: '100644', oid })));
  const signature = { name: 'A', email: 'a@example.org', at: new Date(0), tzMinutes: 0 };
  const treeOid = hashObject('tree', tree);
  const commit = encodeCommit({
    tree: treeOid,
    parents: [],
    author: signature,
    committer: signature,
    message: 'm\n',
  });
  return [
    ...blobs,
    { oid: treeOid, type: 'tree', bytes: tree },
    { oid: hashObject('commit', commit), type: 'commit', bytes: commit },
  ];
}

/** Lets git index the pack inside the repository, and answers the idx that git wrote. */
function indexPack(repo: ScratchRepo, { pack, packSum }: Pick<Pack, 'pack' | 'packSum'>): Promise<Buffer> {
  repo.git(['index-pack', '--strict', '--stdin'], pack);
  return readFile(join(repo.dir, 'objects', 'pack', `pack-${packSum.toString('hex')}.idx`));
}

const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });

describe('packs built in memory', () => {
  it('are taken by git index-pack --strict, which writes the same idx', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (files) => {
        using repo = new ScratchRepo();
        const objects = commitOf(files);
        const pack = buildPack(objects);
        expect(await indexPack(repo, pack)).toEqual(pack.idx);
        for (const { oid, type, bytes } of objects)
          expect(repo.git(['cat-file', type, oid])).toEqual(Buffer.from(bytes));
        repo.git(['update-ref', 'refs/heads/main', objects.at(-1)!.oid]);
        repo.git(['fsck', '--strict']);
      }),
      { numRuns: 15 },
    );
  });

  it('may be empty or hold large objects', async () => {
    using repo = new ScratchRepo();
    const large = Buffer.alloc(5_000_000, 'kohaku');
    const pack = buildPack([blob(large), blob(Buffer.alloc(0)), blob(large)]);
    expect(await indexPack(repo, pack)).toEqual(pack.idx);
    expect(repo.git(['cat-file', 'blob', hashObject('blob', large)])).toEqual(large);
    expect(await indexPack(repo, buildPack([]))).toEqual(buildPack([]).idx);
  });
});

describe('packs made by worker threads', () => {
  it('are what git makes of the same blobs', async () => {
    using repo = new ScratchRepo();
    const blobs = Array.from({ length: 300 }, (_, i) => Buffer.from(`file ${i % 250}\n`.repeat(i)));
    const packed = await pool.packBlobs(blobs);
    expect(await indexPack(repo, packed)).toEqual(packed.idx);
    expect(packed.oids[299]).toBe(repo.git(['hash-object', '--stdin'], blobs[299]).toString().trim());
  });
});

describe('packs written as a stream', () => {
  it.for([{ announced: true }, { announced: false }])(
    'are taken by git, count announced: $announced',
    async ({ announced }) => {
      using repo = new ScratchRepo();
      const objects = commitOf(Array.from({ length: 40 }, (_, i) => Buffer.alloc(100_000, `${i} `)));
      const file = join(repo.dir, 'stream.pack');
      await using handle = await open(file, 'w+');
      const stream = new PackStream(handle, announced ? { objectCount: objects.length } : {});
      for (const object of objects) await stream.add(object);
      const { idx, packSum, packBytes } = await stream.finish();
      const pack = await readFile(file);
      expect(pack.length).toBe(packBytes);
      expect(await indexPack(repo, { pack, packSum })).toEqual(idx);
    },
  );
});
