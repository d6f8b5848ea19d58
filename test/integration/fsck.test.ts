import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { segmentObjectKeys } from '../../src/domain/version/segment.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';
import type { World } from '../support/world.ts';

// Every test damages the hub of the file, so each looks only at what it damaged itself.

async function findings(hub: Hub, where: string): Promise<string[]> {
  const codes: string[] = [];
  await hub.services().fsck.runAsOperator((finding) => {
    if (finding.where.includes(where) || finding.message.includes(where)) codes.push(finding.code);
  });
  return codes;
}

async function repoWithSegments(hub: Hub, world: World) {
  const alice = await world.user();
  const ref = await world.repo(alice);
  await world.commit(alice, ref, { 'small.txt': 'small', 'large.txt': randomBytes(200_000) });
  const { storeId, fullName, id } = await hub.services().access.require(alice.actor, ref, 'read');
  return { alice, ref, storeId, fullName, id };
}

it('finds nothing in a healthy repository', async ({ hub, world }) => {
  const { fullName } = await repoWithSegments(hub, world);
  await expect(findings(hub, fullName)).resolves.toEqual([]);
});

it('finds a segment whose bytes are gone, and one whose bytes changed', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  const [row] = await hub.deps.sql.query<{ key: string }>({
    text: 'select storage_key as key from git_segment where store_id = $1 and storage_key is not null',
    values: [storeId],
  });
  const keys = segmentObjectKeys(row!.key);
  const pack = await hub.deps.store.read(keys.pack, { start: 0 });
  await hub.deps.store.delete(keys.pack);
  await expect(findings(hub, fullName)).resolves.toEqual(['segment-missing']);
  pack.writeUInt8(pack.readUInt8(100) ^ 1, 100);
  await hub.deps.store.put(keys.pack, pack, { sizeBytes: pack.length });
  await expect(findings(hub, fullName)).resolves.toEqual(['segment-corrupt']);
});

it('finds an object that a tree names and no row has', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  await hub.deps.sql.execute({
    text: 'delete from git_object where store_id = $1 and type = 3 and size_bytes = 5',
    values: [storeId],
  });
  await expect(findings(hub, fullName)).resolves.toEqual(['object-missing', 'counter-wrong']);
});

it('finds a row that does not fit its pack entry', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  await hub.deps.sql.execute({
    text: `update git_object set data = 'SMALL' where store_id = $1 and type = 3 and size_bytes = 5`,
    values: [storeId],
  });
  await expect(findings(hub, fullName)).resolves.toEqual(['object-corrupt']);
});

it('finds wrong counters of repositories and accounts', async ({ hub, world }) => {
  const { alice, fullName, id } = await repoWithSegments(hub, world);
  await hub.deps.sql.execute({
    text: 'update repo set used_bytes = used_bytes + 1, likes_count = 3 where id = $1',
    values: [id],
  });
  await expect(findings(hub, fullName)).resolves.toEqual(['counter-wrong', 'counter-wrong']);
  await expect(findings(hub, `account:${alice.name}`)).resolves.toEqual(['counter-wrong']);
});

it('finds a commit row that says something else than its commit', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  await hub.deps.sql.execute({
    text: `update git_commit set parents = '' where store_id = $1 and generation = 2`,
    values: [storeId],
  });
  await expect(findings(hub, fullName)).resolves.toEqual(['commit-row-wrong']);
});

it('finds objects in a segment that was replaced, and checks the segment as long as it is there', async ({
  hub,
  world,
}) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  const [replaced] = await hub.deps.sql.query<{ key: string }>({
    text: `
      update git_segment set state = 'replaced', replaced_at = now()
      where store_id = $1 and storage_key is not null returning storage_key as key`,
    values: [storeId],
  });
  await expect(findings(hub, fullName)).resolves.toEqual(['segment-replaced']);
  await hub.deps.store.delete(segmentObjectKeys(replaced!.key).pack);
  await expect(findings(hub, fullName)).resolves.toEqual(['segment-missing']);
});
