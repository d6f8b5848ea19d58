import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { fileLine, HEADER, it, ndjson } from '../support/content.ts';

it('the bytes of a commit that changes nothing stay announced until they are swept', async ({ content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const body = ndjson([HEADER, fileLine('large.txt', randomBytes(100_000))]);
  const commits = [await content.sendCommit(owner, repo, body), await content.sendCommit(owner, repo, body)];
  expect(commits.map((commit) => commit.statusCode)).toEqual([200, 200]);
  const keys = await content.keys('');
  const known = await content.hub.deps.sql.query<{ key: string }>({
    text: `
      select storage_key || suffix as key from git_segment, unnest(array['.pack', '.idx']) as suffix
      where storage_key is not null union all select key from storage_intent`,
  });
  expect(keys.toSorted()).toEqual(known.map((row) => row.key).toSorted());
});
