import { describe, expect } from 'vitest';
import { BranchSteps } from '../support/branches.ts';
import { fileLine, HEADER, it, ndjson } from '../support/content.ts';

/** A `main` and a `side` that parted, with a file of each. */
async function parted(at: BranchSteps): Promise<void> {
  await at.commit('main', { a: '1', 'd/b': '1' });
  await at.branch('side');
  await at.commit('side', { s: 'side', 'd/b': 'side' });
  await at.commit('main', { m: 'main', a: '2' });
}

const OPERATIONS = [
  ['branch/side/revert', { ref: 'main' }],
  ['branch/side/reset', { ref: 'main' }],
  ['merge/main/into/side', {}],
  ['super-squash/side', { message: 'One' }],
] as const;

describe('changing a branch', () => {
  it('needs a login and is refused to strangers and read tokens', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    const head = await at.head('side');
    const stranger = await content.user();
    const readOnly = await content.readToken(at.owner);
    for (const [path, body] of OPERATIONS) {
      for (const [user, status] of [
        [null, 401],
        [stranger, 403],
        [readOnly, 403],
      ] as const) {
        expect((await at.post(path, body, user)).statusCode).toBe(status);
      }
    }
    await content.request(at.owner, { method: 'PUT', url: `${at.url}/settings`, payload: { private: true } });
    for (const [path, body] of OPERATIONS) {
      expect((await at.post(path, body, stranger)).headers['x-error-code']).toBe('RepoNotFound');
    }
    expect(await at.head('side')).toBe(head);
  });

  it('is refused when the branch is not where the caller thinks', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    const [old, head] = [await at.head('main'), await at.head('side')];
    for (const [path, body] of OPERATIONS) {
      const stale = await at.post(path, { ...body, expected_head: old });
      expect([stale.statusCode, stale.headers['x-error-code']]).toEqual([412, 'StaleParent']);
      expect((await at.post(path, { ...body, expected_head: 'head' })).statusCode).toBe(400);
    }
    expect(await at.head('side')).toBe(head);
    expect((await at.post('merge/main/into/side', { expected_head: head.slice(0, 8) })).statusCode).toBe(200);
  });

  it('is refused in disabled repositories, and for what is not a branch', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    await at.post('tag/main', { tag: 'v1' });
    for (const branch of ['nope', 'v1', await at.head(), 'refs%2Fpr%2F3']) {
      for (const [path, body] of OPERATIONS) {
        const answer = await at.post(path.replace('side', branch), body);
        expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([404, 'RevisionNotFound']);
      }
    }
    for (const [path] of OPERATIONS.slice(0, 2)) {
      expect((await at.post(path, { ref: 'nope' })).headers['x-error-code']).toBe('RevisionNotFound');
    }
    await content.hub.deps.sql.execute({
      text: 'update repo set is_disabled = true where name = $1',
      values: [at.repo.name],
    });
    for (const [path, body] of OPERATIONS) expect((await at.post(path, body)).statusCode).toBe(403);
  });

  it('writes the reflog, and refuses texts that no commit may have', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    for (const [path, body] of OPERATIONS) {
      for (const message of ['x'.repeat(1001), 'a\0b']) {
        expect((await at.post(path, { ...body, message })).statusCode).toBe(400);
      }
      if (path.includes('revert')) continue;
      const old = await at.head('side');
      expect((await at.post(path, body)).statusCode).toBe(200);
      const [last] = await content.hub.deps.sql.query({
        text: `
          select encode(g.old_oid, 'hex') as old, encode(g.new_oid, 'hex') as new, a.name, g.via
          from git_reflog g join git_store s on s.id = g.store_id join repo r on r.id = s.repo_id join account a on a.id = g.user_id
          where r.name = $1 and g.name = 'refs/heads/side' order by g.id desc limit 1`,
        values: [at.repo.name],
      });
      if (old === (await at.head('side'))) continue;
      expect(last).toEqual({ old, new: await at.head('side'), name: at.owner.name, via: 'api' });
    }
  });

  it('leaves nothing that the check of the store complains of', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    await content.commitLfs(at.owner, at.repo, 'm.bin', content.object(5000));
    const commit = await at.commit('main', { 'm.bin': null });
    await at.post('branch/main/revert', { ref: commit });
    for (const [path, body] of OPERATIONS) {
      expect((await at.post(path, { ...body, allow_empty: true })).statusCode).toBe(200);
    }
    await at.post('super-squash/main', {});
    const findings: unknown[] = [];
    await content.hub.services().fsck.runAsOperator((finding) => {
      findings.push(finding);
    });
    expect(findings).toEqual([]);
  });

  it('has the spelling without /api, and branches with slashes', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    await at.branch('feat/x', 'side');
    const bare = at.url.replace('/api', '');
    for (const path of ['branch/feat%2Fx/reset', 'merge/main/into/feat%2Fx']) {
      const answer = await content.postJson(at.owner, `${bare}/${path}`, { ref: 'main' });
      expect([answer.statusCode, answer.body]).toEqual([200, expect.stringContaining('"success":true')]);
    }
    expect((await at.post('branch/other%2Frevert', {})).statusCode).toBe(200);
    expect(await at.head('other/revert')).toBe(await at.head('main'));
  });
});

describe('POST branch/…/reset', () => {
  it('gives the branch the files of a revision by a new commit', async ({ content }) => {
    const at = await BranchSteps.make(content);
    const target = await at.commit('main', { a: '1', 'd/b': '1' });
    const head = await at.commit('main', { a: '2', 'd/b': null, c: 'x' });
    const refused = await at.post('branch/main/reset', { ref: target });
    expect([refused.statusCode, refused.json<{ error: string }>().error]).toEqual([
      400,
      expect.stringContaining('force'),
    ]);
    const answer = await at.post('branch/main/reset', { ref: target, force: true });
    const commit = await at.head();
    expect(answer.json()).toEqual({
      success: true,
      message: `Branch main reset to ${target}`,
      commit_id: commit,
    });
    expect([await at.parents('main'), await at.files()]).toEqual([[head], { a: '1', 'd/b': '1' }]);
    expect((await at.titles())[0]).toBe(`Reset to ${target.slice(0, 7)}`);
    const again = await at.post('branch/main/reset', { ref: target, force: true });
    expect(again.json()).toMatchObject({ success: true, commit_id: commit });
    expect(await at.lastCommits()).toMatchObject({ a: commit, d: commit });
  });
});

describe('POST merge', () => {
  it('brings both sides together', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    const parents = [await at.head('main'), await at.head('side')];
    const answer = await at.post('merge/side/into/main', { message: 'Join\n\nBecause.' });
    const merge = await at.head();
    expect(answer.json()).toEqual({
      success: true,
      message: 'Merged side into main',
      result: { reference: merge },
    });
    expect(await at.files()).toEqual({ a: '2', 'd/b': 'side', m: 'main', s: 'side' });
    expect([await at.parents('main'), (await at.titles())[0]]).toEqual([parents, 'Join']);
    expect(await at.lastCommits()).toMatchObject({
      a: parents[0],
      m: parents[0],
      s: parents[1],
      d: parents[1],
    });
    const again = await at.post('merge/side/into/main', {});
    expect(again.json()).toMatchObject({ success: true, result: { reference: merge } });
    expect((await at.post('merge/main/into/side', {})).statusCode).toBe(200);
    expect(await at.files('side')).toEqual(await at.files('main'));
  });

  it('names the conflicts, or lets one side win', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await at.commit('main', { a: '0', 'd/b': '0', same: '0' });
    await at.branch('side');
    await at.commit('side', { a: 'side', 'd/b': null, same: '1' });
    await at.commit('main', { a: 'main', 'd/b': 'main', same: '1' });
    await at.branch('theirs');
    const conflict = await at.post('merge/side/into/main', {});
    expect([conflict.statusCode, conflict.json()]).toEqual([
      409,
      {
        error: `Both branches changed the same files: 'a', 'd/b'. Nothing was changed.`,
        conflicts: ['a', 'd/b'],
      },
    ]);
    await at.post('merge/side/into/main', { strategy: 'dest-wins' });
    expect(await at.files()).toEqual({ a: 'main', 'd/b': 'main', same: '1' });
    await at.post('merge/side/into/theirs', { strategy: 'source-wins' });
    expect(await at.files('theirs')).toEqual({ a: 'side', same: '1' });
    expect((await at.post('merge/side/into/main', { strategy: 'luck' })).statusCode).toBe(400);
  });

  it('squashes', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    const head = await at.head();
    await at.post('merge/side/into/main', { squash_merge: true });
    expect([await at.parents('main'), await at.files()]).toEqual([
      [head],
      { a: '2', 'd/b': 'side', m: 'main', s: 'side' },
    ]);
    const [merged] = [await at.head()];
    await at.post('merge/side/into/main', { squash_merge: true });
    expect(await at.head()).toBe(merged);
  });

  it('takes a tag, a commit and a pull request, and moves no branch without a commit', async ({
    content,
  }) => {
    const at = await BranchSteps.make(content);
    await at.branch('side');
    const commit = await at.commit('side', { s: '1' });
    await at.post('merge/side/into/main', {});
    expect([await at.files(), (await at.parents('main'))[1]]).toEqual([{ s: '1' }, commit]);
    await at.post(`tag/${commit}`, { tag: 'v1' });
    await at.branch('old', (await at.parents(commit))[0]);
    expect((await at.post('merge/v1/into/old', {})).statusCode).toBe(200);
    expect(await at.files('old')).toEqual({ s: '1' });
    const proposal = ndjson([HEADER, fileLine('p', '1')]);
    await content.sendCommit(await content.user(), at.repo, proposal, { revision: 'main?create_pr=1' });
    expect((await at.post('merge/refs%2Fpr%2F1/into/main', {})).statusCode).toBe(200);
    expect(await at.files()).toEqual({ p: '1', s: '1' });
  });

  it('is careful with branches that were merged into each other', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await at.commit('main', { f: '0', g: '0' });
    await at.branch('side');
    const one = await at.commit('main', { f: 'main' });
    const two = await at.commit('side', { g: 'side' });
    // Each takes the other's first commit: two last common commits.
    await at.branch('main-before', one);
    await at.post(`merge/${two}/into/main`, {});
    await at.post('merge/main-before/into/side', {});
    await at.commit('main', { f: '0' });
    await at.commit('side', { new: 'file' });
    const answer = await at.post('merge/side/into/main', {});
    expect([answer.statusCode, answer.json<{ conflicts?: string[] }>().conflicts]).toEqual([409, ['f']]);
  });

  it('refuses branches without a commit in common', async ({ content }) => {
    const at = await BranchSteps.make(content);
    await parted(at);
    await at.post('super-squash/side', {});
    const answer = await at.post('merge/side/into/main', {});
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([
      409,
      expect.stringContaining('in common'),
    ]);
  });

  it('takes turns with other writers of the branch', async ({ content }) => {
    const at = await BranchSteps.make(content);
    const names = ['b0', 'b1', 'b2', 'b3', 'b4'];
    for (const name of names) {
      await at.branch(name);
      await at.commit(name, { [name]: name });
    }
    const answers = await Promise.all([
      ...names.map((name) => at.post(`merge/${name}/into/main`, {})),
      at.commit('main', { own: 'x' }).then(() => ({ statusCode: 200 })),
    ]);
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(Object.keys(await at.files())).toEqual([...names, 'own']);
  });

  it('merges trees that are too large for a row', async ({ content }) => {
    const at = await BranchSteps.make(content);
    const names = Array.from({ length: 3000 }, (_, index) => `d/a rather long name ${index}`);
    await at.commit('main', Object.fromEntries(names.map((name) => [name, 'text'])));
    await at.branch('side');
    await at.commit('side', { 'd/a rather long name 1': 'side' });
    await at.commit('main', { 'd/a rather long name 2': 'main' });
    expect((await at.post('merge/side/into/main', {})).statusCode).toBe(200);
    const texts = await Promise.all(
      [1, 2].map(
        async (n) =>
          (await content.read(at.owner, `${at.url}/resolve/main/d/a%20rather%20long%20name%20${n}`)).body,
      ),
    );
    expect(texts).toEqual(['side', 'main']);
  });
});
