import { expect, test } from 'vitest';
import { Forbidden } from '../errors.ts';
import { requireSameOrigin } from './same-origin.ts';

const BASE_URL = 'https://hub.example/';
const NONE = { method: 'POST', origin: undefined, host: undefined };

test.each([
  ['a browser on the public address', { ...NONE, origin: 'https://hub.example' }],
  ['the address that was called', { ...NONE, origin: 'http://localhost:48888', host: 'localhost:48888' }],
  ['a client that is no browser', NONE],
  ['a page of the hub without Origin', { ...NONE, fetchSite: 'same-origin' }],
  ['a foreign page that only reads', { ...NONE, method: 'GET', origin: 'https://evil.example' }],
])('%s may go on', (_who, request) => {
  expect(() => requireSameOrigin(request, BASE_URL)).not.toThrow();
});

test.each([
  ['another site', { ...NONE, origin: 'https://evil.example', host: 'hub.example' }],
  ['the same host over plain http', { ...NONE, origin: 'http://hub.example' }],
  ['another port', { ...NONE, origin: 'https://hub.example:8443', host: 'hub.example' }],
  ['a sandboxed page', { ...NONE, origin: 'null', host: 'null' }],
  ['a neighbour site without Origin', { ...NONE, fetchSite: 'same-site' }],
  ['a foreign page without Origin', { ...NONE, fetchSite: 'cross-site' }],
])('%s is refused', (_who, request) => {
  expect(() => requireSameOrigin(request, BASE_URL)).toThrow(Forbidden);
});
