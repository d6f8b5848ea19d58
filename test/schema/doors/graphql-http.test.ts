import { serverAudits } from 'graphql-http';
import { describe, expect } from 'vitest';
import { it } from '../listening-it.ts';

const AUDITS = serverAudits({ url: 'http://unused' }).map(({ id, name }) => [id, name] as const);

describe('GraphQL over HTTP', () => {
  it.for(AUDITS)('%s: %s', async ([id], { url }) => {
    const audit = serverAudits({ url: `${url}/graphql` }).find((each) => each.id === id)!;
    const result = await audit.fn();
    const reason = result.status === 'ok' ? '' : result.reason;
    expect({ status: result.status, reason }).toEqual({ status: 'ok', reason: '' });
  });
});
