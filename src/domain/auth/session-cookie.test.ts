import { expect, test } from 'vitest';
import { sessionSecretOf } from './session-cookie.ts';

test.each([
  ['session_id=abc', 'abc'],
  ['theme=dark; session_id=a-b_c; x=1', 'a-b_c'],
  ['session_id=', null],
  ['other_session_id=abc', null],
  ['', null],
  [undefined, null],
])('%j holds the secret %j', (header, secret) => {
  expect(sessionSecretOf(header)).toBe(secret);
});
