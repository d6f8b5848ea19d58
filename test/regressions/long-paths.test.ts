import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { MAX_PATH_BYTES, MAX_SEGMENT_BYTES } from '../../src/git/path.ts';
import { it } from '../support/it.ts';

it('the longest path fits into every index, also when nothing in it repeats', async ({ app, hub, world }) => {
  const alice = await world.user();
  const repo = await world.repo(alice);
  const path = longestPath();
  const oid = await world.commit(alice, repo, { [path]: 'content' });
  const file = await app.inject({
    url: `/${repo.namespace}/${repo.name}/resolve/main/${encodeURIComponent(path)}`,
  });
  expect([file.statusCode, file.headers['x-repo-commit'], file.body]).toEqual([200, oid, 'content']);
  // An index takes 2704 bytes; lists of changes and of versions of LFS files are indexed by path.
  await hub.deps.sql.execute({
    text: `
      insert into lfs_history (repo_id, path, sha256, size_bytes, commit_oid)
      select r.id, $2, decode(repeat('ab', 32), 'hex'), 1, decode($3, 'hex') from repo r where r.name = $1`,
    values: [repo.name, path, oid],
  });
});

/** Random letters and digits, which no compression makes shorter by much. */
function longestPath(): string {
  const segments: string[] = [];
  for (let left = MAX_PATH_BYTES; left > 0; left -= MAX_SEGMENT_BYTES + 1) {
    segments.push(
      randomBytes(MAX_SEGMENT_BYTES).toString('base64url').slice(0, Math.min(MAX_SEGMENT_BYTES, left)),
    );
  }
  return segments
    .join('/')
    .slice(0, MAX_PATH_BYTES)
    .replaceAll(/(^|\/)[-_]/g, '$1x');
}
