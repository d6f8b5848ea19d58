import { expect, it } from 'vitest';
import { upgrade } from '../support/upgrade.ts';

/** Two blobs, of which the second is presented by a part of the first and by a stored xorb, and a Xet file of that xorb. */
const ROWS = `
  insert into account (kind, name, normalized_name) values ('user', 'ann', 'ann');
  insert into repo (type, owner_id, name, normalized_name) select 'model', id, 'm', 'm' from account;
  insert into lfs_object (sha256, size_bytes, storage_key, lease_until) values
    (sha256('own'), 1, 'lfs/own', now()), (sha256('mixed'), 2, 'lfs/mixed', now()),
    (sha256('plain'), 1, 'lfs/plain', now()), (sha256('xet'), 1, null, now());
  insert into xet_file (hash, sha256, size_bytes, terms, terms_sha256)
    select sha256('hash of ' || name), sha256(name), 1, sha256('xorb'), sha256(name)
    from unnest(array['own'::bytea, 'mixed', 'xet']) as name;
  update lfs_object o set xet_file_id = f.id from xet_file f where f.sha256 = o.sha256 and o.storage_key is not null;
  insert into lfs_link (repo_id, sha256, xet_file_id)
    select repo.id, o.sha256, case when o.storage_key is null then f.id end
    from repo, lfs_object o left join xet_file f on f.sha256 = o.sha256;
  insert into xet_xorb
    (hash, storage_key, blob_sha256, blob_offset_bytes, chunk_index, chunk_count, raw_bytes, serialized_bytes, lease_until)
  values
    (sha256('xorb'), 'xorbs/x', null, null, '', 1, 1, 9, now()),
    (sha256('part'), null, sha256('own'), 0, '', 1, 1, 9, now());
  insert into xet_file_xorb (file_id, xorb_hash, used)
    select f.id, x.hash, '{[0,9)}' from xet_file f join xet_xorb x
    on x.blob_sha256 = sha256('own') and f.sha256 <> sha256('xet') or x.blob_sha256 is null and f.sha256 <> sha256('own');
  insert into xet_chunk (hash, xorb_hash) select sha256('chunk'), hash from xet_xorb;
  insert into xet_possession (xorb_hash, user_id) select hash, account.id from xet_xorb, account where storage_key is not null;
  insert into xet_repo_xorb (repo_id, xorb_hash, used) select repo.id, hash, '{[0,9)}' from repo, xet_xorb`;

it('xorbs that were named by their hash are named by an id, and each blob is presented by its own parts', async () => {
  const versions = { before: 'Migration20261123023824', after: 'Migration20261123053927' };
  await upgrade({ ...versions, rows: ROWS }, async (client) => {
    const named = await client.query(`
      select count(*)::int as xorbs, bool_and(x.id = x.hash) as same,
        (select count(*)::int from xet_file_xorb join xet_xorb x on x.id = xorb_id) as held,
        (select count(*)::int from xet_chunk join xet_xorb x on x.id = xorb_id) as chunks,
        (select count(*)::int from xet_possession join xet_xorb x on x.id = xorb_id) as sent,
        (select count(*)::int from xet_repo_xorb join xet_xorb x on x.id = xorb_id) as charged,
        (select count(*)::int from xet_file f join xet_xorb x on x.id = substring(f.terms for 32)) as named
      from xet_xorb x`);
    expect(named.rows).toEqual([{ xorbs: 2, same: true, held: 4, chunks: 2, sent: 1, charged: 2, named: 3 }]);
    const shown = await client.query({
      rowMode: 'array',
      text: `
        select convert_from(name, 'UTF8'), o.xet_file_id is not null, l.is_presented
        from unnest(array['mixed'::bytea, 'own', 'plain', 'xet']) as name
        join lfs_object o on o.sha256 = sha256(name) join lfs_link l on l.sha256 = o.sha256 order by 1`,
    });
    expect(shown.rows).toEqual([
      // It is cut once more.
      ['mixed', false, false],
      ['own', true, true],
      ['plain', false, false],
      ['xet', false, false],
    ]);
  });
});
