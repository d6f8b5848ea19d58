import { expect } from 'vitest';
import { VERSION } from '../../../src/version.ts';
import { countStatements } from '../../support/count-statements.ts';
import { graphql } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';

it('the site tells everybody what it is, and how it is', async ({ app }) => {
  const query = `{
    site { name version baseUrl isInvitationOnly requiresEmailVerification health { name isUp latencyMs } }
  }`;
  expect(await graphql(app, null, query)).toEqual({
    data: {
      site: {
        name: 'Kohaku Hub',
        version: VERSION,
        baseUrl: 'http://hub.test',
        isInvitationOnly: false,
        requiresEmailVerification: false,
        health: [
          { name: 'DATABASE', isUp: true, latencyMs: expect.any(Number) },
          { name: 'STORAGE', isUp: true, latencyMs: expect.any(Number) },
        ],
      },
    },
  });
});

it('looks once at what it needs, however often one request asks', async ({ hub, app }) => {
  const aliases = Array.from({ length: 20 }, (_, index) => `a${index}: health { isUp }`);
  const statements = await countStatements(hub, async () => {
    const { data } = await graphql(app, null, `{ site { ${aliases.join(' ')} } }`);
    expect(Object.keys(data.site)).toHaveLength(20);
  });
  expect(statements).toBe(1);
});
