import { expect, test } from 'vitest';
import { notFoundAt } from './not-found.ts';

test.for([
  '/api/models/gpt2',
  '/api/datasets/squad/tree/main',
  '/api/models/gpt2/revision/main',
  '/gpt2/resolve/main/config.json',
  '/datasets/squad/resolve/main/a.txt',
])('%s is a repository that is missing', (path) => {
  expect(notFoundAt(path)).toMatchObject({ code: 'RepoNotFound' });
});

test.for([
  '/api/nothing',
  '/favicon.ico',
  '/a/b/c',
  '/api/models/a/b/unknown',
  // Clients tell people to create a space of that name when it is called a missing one.
  '/api/spaces/templates',
  '/api/spaces/hardware',
  '/api/spaces/semantic-search',
])('%s is nothing', (path) => {
  expect(notFoundAt(path)).toMatchObject({ code: 'NotFound' });
});

test('a login through a browser, which newer clients try first, says what to do instead', () => {
  expect(notFoundAt('/oauth/device').message).toContain('hf auth login --token <token>');
});
