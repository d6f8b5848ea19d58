import { expect } from 'vitest';
import { VERSION } from '../../../src/version.ts';
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
