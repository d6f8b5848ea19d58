import { expect } from 'vitest';
import { apiUrl, fileLine, it, ndjson } from '../support/content.ts';

const QUERIES = ['', '?create_pr=1'];

it.for(QUERIES)(
  'a NUL in the texts of a commit is refused, not a failure of the database (%s)',
  async (query, { content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    for (const value of [{ summary: 'a\0b' }, { summary: '\0' }, { summary: 'a', description: 'b\0' }]) {
      const body = ndjson([{ key: 'header', value }, fileLine('new.txt')]);
      const answer = await content.sendCommit(owner, repo, body, { revision: `main${query}` });
      expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([400, 'BadRequest']);
    }
  },
);

it('half a surrogate in the texts of a pull request is stored as a replacement character', async ({
  content,
}) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const header = { key: 'header', value: { summary: 'a\ud800b', description: '\udc00' } };
  const answer = await content.sendCommit(owner, repo, ndjson([header, fileLine('new.txt')]), {
    revision: 'main?create_pr=1',
  });
  expect(answer.statusCode).toBe(200);
  const history = await content.read(owner, `${apiUrl(repo)}/commits/refs%2Fpr%2F1`);
  expect(history.json<{ title: string }[]>()[0]!.title).toBe('a\ufffdb');
});
