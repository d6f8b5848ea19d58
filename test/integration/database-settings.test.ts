import { expect } from 'vitest';
import { it } from '../support/it.ts';

it('connections have no statement compiled, whatever the server is set to', async ({ hub }) => {
  const settings = await hub.deps.sql.query({
    text: `select setting, source from pg_settings where name = 'jit'`,
  });
  expect(settings).toEqual([{ setting: 'off', source: 'session' }]);
});
