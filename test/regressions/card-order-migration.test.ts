import { expect, it } from 'vitest';
import { upgrade } from '../support/upgrade.ts';

const ROWS = `
  insert into account (kind, name, normalized_name) values ('user', 'ann', 'ann');
  insert into repo (type, owner_id, name, normalized_name, card)
    select 'model', id, made.name, made.name, made.card::jsonb from account, (values
      ('asks', '{"license": "mit", "extra_gated_fields": {"Zeta": "text", "A": "checkbox"}}'),
      ('tells', '{"license": "mit"}'), ('silent', null)) as made (name, card);
  insert into access_request (repo_id, user_id, status, fields)
    select repo.id, account.id, 'pending', '{"Zeta": "z", "A": true}' from repo, account where repo.name = 'asks'`;

it('cards and answers stay, and cards that ask questions are read anew for their order', async () => {
  const versions = { before: 'Migration20261123053927', after: 'Migration20261123084748' };
  await upgrade({ ...versions, rows: ROWS }, async (client) => {
    const cards = await client.query(
      'select name, card, pg_typeof(card)::text as type from repo order by id',
    );
    expect(cards.rows).toEqual([
      {
        name: 'asks',
        card: { license: 'mit', extra_gated_fields: { Zeta: 'text', A: 'checkbox' } },
        type: 'json',
      },
      { name: 'tells', card: { license: 'mit' }, type: 'json' },
      { name: 'silent', card: null, type: 'json' },
    ]);
    expect((await client.query('select fields from access_request')).rows).toEqual([
      { fields: { Zeta: 'z', A: true } },
    ]);
    const promised = await client.query(
      `select kind, r.name from outbox join repo r on r.id = (payload ->> 'repoId')::bigint`,
    );
    expect(promised.rows).toEqual([{ kind: 'index-repo', name: 'asks' }]);
  });
});
