import { expect } from 'vitest';
import { apiUrl, fileLine, HEADER, it, ndjson } from '../support/content.ts';

it('pull requests and commits to other branches of one repository do not deadlock', async ({ content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const branches = ['one', 'two', 'three', 'four'];
  for (const branch of branches) await content.postJson(owner, `${apiUrl(repo)}/branch/${branch}`, {});
  const write = (revision: string, name: string) =>
    content.sendCommit(owner, repo, ndjson([HEADER, fileLine(name, name)]), { revision });
  for (let round = 0; round < 8; round++) {
    const answers = await Promise.all(
      branches.flatMap((branch) => [
        write(branch, `${branch}-${round}.txt`),
        write('main?create_pr=1', `proposal-${branch}-${round}.txt`),
      ]),
    );
    expect(answers.map((answer) => answer.statusCode)).toEqual(answers.map(() => 200));
  }
});

it('creating a repository under the name that another one moves to does not deadlock', async ({
  content,
}) => {
  const owner = await content.user();
  for (let round = 0; round < 20; round++) {
    const from = await content.repo(owner);
    const name = content.name('wanted');
    const answers = await Promise.all([
      content.postJson(owner, '/api/repos/move', {
        fromRepo: `${owner.name}/${from.name}`,
        toRepo: `${owner.name}/${name}`,
      }),
      content.postJson(owner, '/api/repos/create', { name }),
    ]);
    expect(answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b)).toEqual([200, 409]);
  }
});
