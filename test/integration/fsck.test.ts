import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { segmentObjectKeys } from '../../src/domain/version/segment.ts';
import type { Hub } from '../../src/server/hub.ts';
import { parseObjectKey } from '../../src/storage/keys.ts';
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

it('finds an index that does not fit its pack', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  const [row] = await hub.deps.sql.query<{ key: string }>({
    text: 'select storage_key as key from git_segment where store_id = $1 and storage_key is not null',
    values: [storeId],
  });
  const { idx: key } = segmentObjectKeys(row!.key);
  const idx = await hub.deps.store.read(key, { start: 0 });
  await hub.deps.store.delete(key);
  await expect(findings(hub, fullName)).resolves.toEqual(['segment-missing']);
  // The checksum of an entry.
  idx.writeUInt8(idx.readUInt8(idx.length - 46) ^ 1, idx.length - 46);
  await hub.deps.store.put(key, idx, { sizeBytes: idx.length });
  await expect(findings(hub, fullName)).resolves.toEqual(['segment-corrupt']);
});

it('finds rows that name a place where no entry begins', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  for (const offset of ['0', 'pack_offset + 13', '1000000000']) {
    await hub.deps.sql.execute({
      text: `update git_object set pack_offset = ${offset} where store_id = $1 and type = 3 and size_bytes = 5`,
      values: [storeId],
    });
    await expect(findings(hub, fullName)).resolves.toEqual(['object-corrupt']);
  }
});

it('finds packs of more or fewer objects than their rows say', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  for (const objects of ['objects - 1', 'objects + 2']) {
    await hub.deps.sql.execute({
      text: `update git_segment set objects = ${objects} where store_id = $1 and storage_key is not null`,
      values: [storeId],
    });
    await expect(findings(hub, fullName)).resolves.toEqual(['segment-corrupt']);
  }
});

it('finds objects in a segment that is not there', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  const other = await repoWithSegments(hub, world);
  const moveTo = (segment: string) =>
    hub.deps.sql.execute({
      text: `
        update git_object set segment_id = ${segment}
        where store_id = $1 and type = 3 and size_bytes = 5 and $2::bigint is not null`,
      values: [storeId, other.storeId],
    });
  await moveTo('(select max(id) + 1 from git_segment)');
  await expect(findings(hub, fullName)).resolves.toEqual(['object-unplaced']);
  // Of another repository.
  await moveTo('(select max(id) from git_segment where store_id = $2)');
  await expect(findings(hub, fullName)).resolves.toEqual(['object-unplaced']);
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

it('finds refs that name what is not there, or no commit', async ({ hub, world }) => {
  const { fullName, storeId } = await repoWithSegments(hub, world);
  const point = (name: string, oid: string) =>
    hub.deps.sql.execute({
      text: `insert into git_ref (store_id, name, oid) values ($1, $2, ${oid})`,
      values: [storeId, name],
    });
  await point('refs/heads/lost', `decode('${'ab'.repeat(20)}', 'hex')`);
  await point('refs/heads/tree', '(select tree_oid from git_commit where store_id = $1 limit 1)');
  await point('refs/tags/tree', '(select tree_oid from git_commit where store_id = $1 limit 1)');
  await expect(findings(hub, fullName)).resolves.toEqual(['ref-broken', 'ref-broken']);
  await expect(findings(hub, 'refs/heads/lost')).resolves.toEqual(['ref-broken']);
});

it('finds LFS files that the repository does not hold, and those of another size or content', async ({
  hub,
  world,
}) => {
  const { alice, ref, fullName, id } = await repoWithSegments(hub, world);
  const bytes = randomBytes(1000);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize 1000\n`;
  await world.commit(alice, ref, { 'w.bin': pointer });
  await expect(findings(hub, sha256)).resolves.toEqual(['lfs-unlinked']);
  const key = parseObjectKey(`lfs/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`);
  const set = (text: string) => hub.deps.sql.execute({ text, values: [Buffer.from(sha256, 'hex')] });
  await hub.deps.store.put(key, bytes, { sizeBytes: bytes.length });
  await set(
    `insert into lfs_object (sha256, size_bytes, storage_key, lease_until) values ($1, 1000, '${key}', now())`,
  );
  await set(`insert into lfs_link (repo_id, sha256, committed_at) values (${id}, $1, now())`);
  const damage = () => findings(hub, sha256);
  await expect(damage()).resolves.toEqual([]);
  // The row says something else than the pointer, and than what is stored.
  await set('update lfs_object set size_bytes = 999 where sha256 = $1');
  await expect(damage()).resolves.toEqual(['lfs-size', 'lfs-size']);
  await set('update lfs_object set size_bytes = 1000 where sha256 = $1');
  await hub.deps.store.delete(key);
  await expect(damage()).resolves.toEqual(['lfs-missing']);
  await hub.deps.store.put(key, randomBytes(1000), { sizeBytes: bytes.length });
  await expect(damage()).resolves.toEqual(['lfs-corrupt']);
  await expect(findings(hub, fullName)).resolves.toContain('counter-wrong');
});
