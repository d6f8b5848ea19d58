import { describe, expect } from 'vitest';
import { it } from '../support/content.ts';

describe('a route of a newer Xet store', () => {
  // hf_xet 1.8 asks for an upload grant before each xorb, and uploads as before only after a 404.
  it.for(['/v1/xorb-grants/default/', '/v1/xorb-commits/default/'])(
    'is not here, whatever the token is: %s',
    async (path, { content }) => {
      const { casUrl } = content.hub.deps.xet.urls;
      const answer = await content.app.inject({
        method: 'POST',
        url: new URL(casUrl).pathname + path + 'a'.repeat(64),
        headers: { authorization: 'Bearer not-a-token-of-an-account', 'content-type': 'application/json' },
        payload: '{}',
      });
      expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([404, 'NotFound']);
    },
  );
});
