import { describe, expect } from 'vitest';
import { BranchSteps } from '../support/branches.ts';
import { it } from '../support/content.ts';

describe('POST branch/…/revert', () => {
  it('takes back what one commit changed, and keeps what came later', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await at.commit('main', { a: '1', 'd/b': '1', gone: 'x' });
    const commit = await at.commit('main', { a: '2', 'd/c': 'new', gone: null });
    const later = await at.commit('main', { 'd/b': '2' });
    const answer = await at.post('branch/main/revert', { ref: commit });
    expect(answer.json()).toEqual({
      success: true,
      message: expect.any(String),
      new_commit_id: await at.head(),
    });
    expect(await at.files()).toEqual({ a: '1', 'd/b': '2', gone: 'x' });
    expect(await at.parents('main')).toEqual([later]);
    expect((await at.titles())[0]).toBe('Revert "Change files"');
    const detail = (await content.read(null, `${at.url}/commit/main`)).json<{
      message: string;
      author: string;
    }>();
    expect(detail).toMatchObject({
      message: `Revert "Change files"\n\nThis reverts commit ${commit}.\n`,
      author: at.owner.name,
    });
    expect(await at.lastCommits()).toMatchObject({
      a: await at.head(),
      gone: await at.head(),
      d: await at.head(),
    });
  });

  it('takes back a whole folder, a revert, and the first commit', async ({ content }) => {
    const at = await BranchSteps.make(content);
    const first = await at.head();
    const commit = await at.commit('main', { 'd/e/1': '1', 'd/e/2': '2' });
    await at.post('branch/main/revert', { ref: commit });
    expect(await at.files()).toEqual({});
    await at.post('branch/main/revert', { ref: 'main', message: 'Bring it back\n\nIt was right.' });
    expect(await at.files()).toEqual({ 'd/e/1': '1', 'd/e/2': '2' });
    expect((await at.titles())[0]).toBe('Bring it back');
    expect((await at.post('branch/main/revert', { ref: first })).statusCode).toBe(200);
    const tree = await content.read(at.owner, `${at.url}/tree/main`);
    expect(tree.json<{ path: string }[]>().map((entry) => entry.path)).toEqual(['d']);
  });

  it('empties a branch', async ({ content }) => {
    const at = await BranchSteps.make(content);
    expect((await at.post('branch/main/revert', { ref: await at.head() })).statusCode).toBe(200);
    expect((await content.read(at.owner, `${at.url}/tree/main`)).json()).toEqual([]);
    await at.commit('main', { a: 'again' });
    expect(await at.files()).toEqual({ a: 'again' });
  });

  it('names the files that later commits changed, and changes nothing', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await at.commit('main', { a: '1', b: '1', c: '1' });
    const commit = await at.commit('main', { a: '2', b: '2', c: '2' });
    await at.commit('main', { a: '3', b: null });
    const head = await at.head();
    const answer = await at.post('branch/main/revert', { ref: commit });
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([409, 'Conflict']);
    expect(answer.json()).toEqual({
      error: `Later commits changed what ${commit.slice(0, 7)} changed: 'a', 'b'. Nothing was changed.`,
      conflicts: ['a', 'b'],
    });
    expect(await at.head()).toBe(head);
  });

  it('finds a file where a folder must come back', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await at.commit('main', { 'x/y': '1' });
    const commit = await at.commit('main', { 'x/y': null });
    await at.commit('main', { x: 'a file now' });
    const answer = await at.post('branch/main/revert', { ref: commit });
    expect(answer.json()).toMatchObject({ conflicts: ['x'] });
  });

  it('refuses to change nothing unless that is allowed', async ({ content }) => {
    const at = await BranchSteps.make(content);
    const commit = await at.commit('main', { a: '1' });
    await at.commit('main', { a: null });
    const refused = await at.post('branch/main/revert', { ref: commit });
    expect([refused.statusCode, refused.headers['x-error-code']]).toEqual([400, 'BadRequest']);
    const allowed = await at.post('branch/main/revert', { ref: commit, allow_empty: true });
    expect([allowed.statusCode, (await at.titles()).length]).toEqual([200, 4]);
  });

  it('takes back a merge against the parent that is named', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await at.commit('main', { a: '1' });
    await at.branch('side');
    await at.commit('side', { s: 'side' });
    await at.commit('main', { m: 'main' });
    await at.post('merge/side/into/main', {});
    const merge = await at.head();
    await at.branch('second');
    expect((await at.post('branch/main/revert', { ref: merge })).statusCode).toBe(200);
    expect(await at.files()).toEqual({ a: '1', m: 'main' });
    expect((await at.post('branch/second/revert', { ref: merge, parent_number: 2 })).statusCode).toBe(200);
    expect(await at.files('second')).toEqual({ a: '1', s: 'side' });
    const none = await at.post('branch/main/revert', { ref: merge, parent_number: 3 });
    expect([none.statusCode, none.json<{ error: string }>().error]).toEqual([
      400,
      expect.stringContaining('no parent 3'),
    ]);
  });

  it('brings LFS files back while their bytes are here, and says which are not', async ({ content }) => {
    const at = await BranchSteps.make(content);
    const object = content.object(5000);
    await content.commitLfs(at.owner, at.repo, 'm.bin', object);
    const commit = await at.commit('main', { 'm.bin': null });
    const used = async () =>
      (await content.hub.services().access.require(at.owner.actor, at.repo, 'read')).usedBytes;
    const before = await used();
    const sql = content.hub.deps.sql;
    const setState = (state: string) =>
      sql.execute({
        text: `update lfs_object set state = $2 where sha256 = decode($1, 'hex')`,
        values: [object.sha256, state],
      });
    await setState('deleting');
    const gone = await at.post('branch/main/revert', { ref: commit });
    expect([gone.statusCode, gone.headers['x-error-code']]).toEqual([400, 'LfsObjectMissing']);
    expect(gone.json<{ error: string }>().error).toContain('"m.bin"');
    expect(await at.head()).toBe(commit);
    await setState('present');
    expect((await at.post('branch/main/revert', { ref: commit })).statusCode).toBe(200);
    const download = await content.read(at.owner, `${at.url}/resolve/main/m.bin`);
    expect([download.statusCode, download.rawPayload.equals(object.bytes)]).toEqual([200, true]);
    expect(await used()).toBe(before);
    const history = await sql.query({
      text: `select path from lfs_history where sha256 = decode($1, 'hex') order by id`,
      values: [object.sha256],
    });
    expect(history).toEqual([{ path: 'm.bin' }, { path: 'm.bin' }]);
  });

  it('gives no right to an object that only a pointer in the history names', async ({ content }) => {
    const at = await BranchSteps.make(content);
    const other = await BranchSteps.make(content);
    const object = content.object(5000);
    await content.commitLfs(other.owner, other.repo, 'm.bin', object);
    await at.commit('main', {
      'm.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${object.sha256}\nsize 5000\n`,
    });
    const commit = await at.commit('main', { 'm.bin': null });
    const answer = await at.post('branch/main/revert', { ref: commit });
    expect(answer.headers['x-error-code']).toBe('LfsObjectMissing');
  });
});
