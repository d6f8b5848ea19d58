import { expect, it } from 'vitest';
import { upgrade } from '../support/upgrade.ts';

const BEFORE = 'Migration20261123015312';
const FORMS = 'Migration20261123015700';

/** Contents as a hub of the former version holds them: in xorbs, as a plain blob, as a presented blob, and offered. */
const ROWS = `
  insert into account (kind, name, normalized_name) values ('user', 'ann', 'ann');
  insert into repo (type, owner_id, name, normalized_name) select 'model', id, 'm', 'm' from account;
  insert into lfs_object (sha256, size_bytes, storage_key, xet_hash, lease_until) values
    (sha256('xorbs'), 1, null, sha256('file'), now()),
    (sha256('plain'), 1, 'lfs/plain', null, now()),
    (sha256('presented'), 1, 'lfs/presented', sha256('presentation'), now());
  insert into lfs_link (repo_id, sha256) select id, sha256 from repo, lfs_object;
  insert into xet_file (hash, sha256, size_bytes, terms) values
    (sha256('file'), sha256('xorbs'), 1, '\\x01'),
    (sha256('other cut'), sha256('xorbs'), 1, '\\x02'),
    (sha256('presentation'), sha256('presented'), 1, '\\x03');
  insert into lfs_offer (repo_id, sha256, user_id)
    select repo.id, sha256(content), account.id from repo, account, unnest(array['xorbs'::bytea, 'presented']) as content;
  insert into xet_xorb (hash, storage_key, chunk_index, chunk_count, raw_bytes, serialized_bytes, lease_until)
    values (sha256('xorb'), 'xorbs/x', '', 1, 1, 9, now());
  insert into xet_file_xorb (file_hash, xorb_hash, used)
    select hash, sha256('xorb'), '{[0,9)}' from xet_file`;

it('repositories go on to hold contents as they did before they could hold them in different forms', async () => {
  await upgrade({ before: BEFORE, rows: ROWS, after: FORMS }, async (client) => {
    const shown = await client.query({
      rowMode: 'array',
      text: `
        select convert_from(c, 'UTF8'), l.xet_file_id is null, encode(f.hash, 'hex') = encode(sha256(expected), 'hex')
        from (values ('xorbs'::bytea, 'file'::bytea), ('plain', ''), ('presented', 'presentation')) as q (c, expected)
        join lfs_object o on o.sha256 = sha256(c) join lfs_link l on l.sha256 = o.sha256
        left join xet_file f on f.id = coalesce(l.xet_file_id, o.xet_file_id)
        order by 1`,
    });
    expect(shown.rows).toEqual([
      ['plain', true, null],
      ['presented', true, true],
      ['xorbs', false, true],
    ]);
    const offered = await client.query({
      rowMode: 'array',
      text: `
        select encode(f.hash, 'hex') = any(array[encode(sha256('file'), 'hex'), encode(sha256('presentation'), 'hex')])
        from lfs_offer join xet_file f on f.id = xet_file_id`,
    });
    expect(offered.rows).toEqual([[true], [true]]);
    const held = await client.query(`
      select count(*)::int as files from xet_file_xorb fx join xet_file f on f.id = fx.file_id
      where f.terms_sha256 = sha256(f.terms)`);
    expect(held.rows).toEqual([{ files: 3 }]);
  });
});
