import { describe, expect } from 'vitest';
import { BranchSteps } from '../support/branches.ts';
import { fileLine, HEADER, it, ndjson } from '../support/content.ts';

describe('POST super-squash', () => {
  it('makes one commit of a branch, with the same files, and leaves other refs alone', async ({
    content,
  }) => {
    const at = await BranchSteps.make(content);
    await at.commit('main', { a: '1', 'd/b': '1' });
    await content.commitLfs(at.owner, at.repo, 'm.bin', content.object(5000));
    await at.branch('side');
    const files = await at.files();
    const side = await at.titles('side');
    const answer = await at.post('super-squash/main', { message: 'Only one\n\nAll of it.' });
    expect(answer.json()).toEqual({ success: true, commitOid: await at.head() });
    expect([await at.titles(), await at.parents('main'), await at.files()]).toEqual([
      ['Only one'],
      [],
      files,
    ]);
    expect(await at.titles('side')).toEqual(side);
    const head = await at.head();
    expect(await at.lastCommits()).toMatchObject({ a: head, d: head, 'm.bin': head });
    await at.commit('main', { a: '2' });
    expect([await at.titles(), (await at.lastCommits())['d']]).toEqual([['Change files', 'Only one'], head]);
    const info = (await content.read(null, at.url)).json<{ sha: string }>();
    expect(info.sha).toBe(await at.head());
  });

  it('has a title of its own, and may be done again', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await at.branch('feat/x');
    expect(
      (await content.request(at.owner, { method: 'POST', url: `${at.url}/super-squash/feat%2Fx` }))
        .statusCode,
    ).toBe(200);
    expect(await at.titles('feat/x')).toEqual([`Super-squash branch 'feat/x'`]);
    await at.post('super-squash/feat%2Fx', { message: 'Again' });
    expect(await at.titles('feat/x')).toEqual(['Again']);
  });

  it('squashes a pull request for its author, not for others', async ({ content }) => {
    const at = await BranchSteps.make(content);
    const author = await content.user();
    const lines = ndjson([HEADER, fileLine('proposed')]);
    await content.sendCommit(author, at.repo, lines, { revision: 'main?create_pr=1' });
    const stranger = await content.user();
    expect((await at.post('super-squash/refs%2Fpr%2F1', {}, stranger)).statusCode).toBe(403);
    expect((await at.post('super-squash/refs%2Fpr%2F1', {}, null)).statusCode).toBe(401);
    expect((await at.post('super-squash/refs%2Fpr%2F1', { message: 'One' }, author)).statusCode).toBe(200);
    expect(await at.titles('refs/pr/1')).toEqual(['One']);
    await content.hub.deps.sql.execute({
      text: `update discussion set status = 'closed' where repo_id = (select id from repo where name = $1)`,
      values: [at.repo.name],
    });
    expect((await at.post('super-squash/refs%2Fpr%2F1', {}, author)).statusCode).toBe(409);
  });
});
