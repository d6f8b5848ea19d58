import { expect } from 'vitest';
import { apiUrl } from '../support/content.ts';
import { it } from './git-hub.ts';

const FILES = 10_000;
const MIB = 2 ** 20;

it('a push of 10,000 files is taken with bounded memory', { timeout: 120_000 }, async ({ world, client }) => {
  const owner = await world.user();
  const repo = await world.repo(owner);
  await client.git('clone', '-q', world.remote(repo, owner), 'c');
  await client.importFiles('c', 'data', FILES, 1000);
  const before = process.memoryUsage().rss;
  const { code, stderr } = await client.push('c', '--force', 'origin', 'import:main');
  expect([code, stderr]).toEqual([0, expect.stringContaining('import -> main')]);
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * MIB);
  const head = await client.in('c', 'rev-parse', 'import');
  const page = await world.read(owner, `${apiUrl(repo)}/tree/main/data/9?expand=1&limit=1000`);
  const listed = page.json<{ lastCommit: { id: string } }[]>();
  expect([listed.length, new Set(listed.map(({ lastCommit }) => lastCommit.id))]).toEqual([
    1000,
    new Set([head]),
  ]);
  const [row] = await world.hub.deps.sql.query<{ objects: number; changes: number; used: boolean }>({
    text: `
      select (select count(*)::int from git_object where store_id = $1) as objects,
        (select count(*)::int from path_change where store_id = $1 and commit_oid = $2) as changes,
        (select used_bytes = (select sum(size_bytes) from git_object o where o.store_id = s.id and type = 3) as used
          from repo r join git_store s on s.repo_id = r.id where s.id = $1) as used`,
    values: [await world.storeId(owner, repo), Buffer.from(head, 'hex')],
  });
  // Ten folders in one folder; the first commit of the repository has three objects more.
  expect(row).toEqual({ objects: FILES + 10 + 1 + 1 + 1 + 3, changes: FILES + 10 + 1, used: true });
  await client.git('clone', '-q', world.remote(repo), 'again');
  expect(await client.check('again')).toEqual({ fsck: '', head });
  expect((await world.hub.services().fsck.runAsOperator(() => {})).findings).toBe(0);
});
