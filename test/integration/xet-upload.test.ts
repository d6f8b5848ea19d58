import { describe, expect } from 'vitest';
import { shardOf } from '../fuzz/xet-samples.ts';
import { lfsLine } from '../support/content.ts';
import { it, packFiles } from '../support/xet-world.ts';

describe('an upload by Xet', () => {
  it('can be committed', async ({ xet }) => {
    const owner = await xet.user();
    const repo = await xet.repo(owner);
    const packed = packFiles([xet.randomBytes(1_000_000)], { scheme: 2, chunksPerXorb: 5 });
    const to = await xet.connect(owner, repo);
    for (const xorb of packed.xorbs) {
      expect((await xet.postXorb(to, xorb)).json()).toEqual({ was_inserted: true });
    }
    const answer = await xet.postShard(to, shardOf(packed));
    expect([answer.statusCode, answer.json()]).toEqual([200, { result: 1 }]);
    const committed = await xet.commitLines(owner, repo, lfsLine('model.bin', packed.objects[0]!));
    expect(committed.statusCode).toBe(200);
  });
});
