import { describe, expect } from 'vitest';
import { it } from '../support/content.ts';

describe('the redirect of a moved repository', () => {
  it.for(['models', 'datasets', 'spaces', 'api'])(
    'keeps a file below a folder called %s',
    async (folder, { content }) => {
      const owner = await content.user();
      const repo = await content.repo(owner);
      const name = content.name('new');
      await content.commit(owner, repo, { [`${folder}/a/b.txt`]: 'found' });
      await content.hub.services().repos.move(owner.actor, repo, { namespace: owner.name, name });
      const answer = await content.read(
        owner,
        `/${owner.name}/${repo.name}/resolve/main/${folder}/a/b.txt?x=1?y`,
      );
      expect(answer.headers.location).toBe(`/${owner.name}/${name}/resolve/main/${folder}/a/b.txt?x=1?y`);
    },
  );
});

it('the link to the next page keeps a question mark in the query', async ({ content }) => {
  const owner = await content.user();
  for (let count = 0; count < 2; count++) await content.repo(owner);
  const answer = await content.read(owner, `/api/models?limit=1&author=${owner.name}&x=a?b`);
  const next = new URL(/<([^>]+)>/.exec(String(answer.headers.link))![1]!);
  expect(next.searchParams.get('x')).toBe('a?b');
});
