import { describe, expect } from 'vitest';
import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import type { Oid } from '../../src/git/oid.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/history-it.ts';

/** Title of the last commit of each entry of a folder. */
async function lastTitles(
  hub: Hub,
  access: RepoAccess,
  oid: Oid,
  path = '',
): Promise<Record<string, string | undefined>> {
  const query = { path, recursive: false, withLastCommit: true, limit: 1000 };
  const { items } = await hub.services().trees.list(access, oid, query);
  return Object.fromEntries(items.map((item) => [item.path, item.lastCommit?.title]));
}

describe('last commits', () => {
  it('are the newest changes as of the revision', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const first = await history.commit({ title: 'first', files: { a: '1', 'd/x': '1', 'd/y': '1' } });
    const second = await history.commit({ title: 'second', files: { 'd/x': '2' }, parents: [first] });
    const third = await history.commit({ title: 'third', files: { a: '2' }, parents: [second] });
    await expect(lastTitles(hub, access, third)).resolves.toEqual({ a: 'third', d: 'second' });
    await expect(lastTitles(hub, access, second)).resolves.toEqual({ a: 'first', d: 'second' });
    await expect(lastTitles(hub, access, third, 'd')).resolves.toEqual({ 'd/x': 'second', 'd/y': 'first' });
  });

  it('never come from another branch', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const root = await history.commit({ title: 'root', files: { a: '1', b: '1', c: '1' } });
    const main = await history.commit({ title: 'main', files: { b: '2' }, parents: [root] });
    const side = await history.commit({ title: 'side', files: { a: 'side' }, parents: [root] });
    const side2 = await history.commit({ title: 'side 2', files: { c: 'side' }, parents: [side] });
    const main2 = await history.commit({ title: 'main 2', files: { b: '3' }, parents: [main] });
    const main3 = await history.commit({ title: 'main 3', files: { b: '4' }, parents: [main2] });
    await expect(lastTitles(hub, access, main3)).resolves.toEqual({ a: 'root', b: 'main 3', c: 'root' });
    await expect(lastTitles(hub, access, main2)).resolves.toEqual({ a: 'root', b: 'main 2', c: 'root' });
    await expect(lastTitles(hub, access, side2)).resolves.toEqual({ a: 'side', b: 'root', c: 'side 2' });
  });

  it('come from both sides of a merge', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const root = await history.commit({ title: 'root', files: { a: '1', b: '1', both: '1' } });
    const ours = await history.commit({ title: 'ours', files: { a: '2', both: 'ours' }, parents: [root] });
    const theirs = await history.commit({
      title: 'theirs',
      files: { b: '2', both: 'theirs' },
      parents: [root],
    });
    const merge = await history.commit({
      title: 'merge',
      files: { b: '2', both: 'merged' },
      recorded: ['both'],
      parents: [ours, theirs],
    });
    const next = await history.commit({ title: 'next', files: { c: '1' }, parents: [merge] });
    const wanted = { a: 'ours', b: 'theirs', both: 'merge', c: 'next' };
    await expect(lastTitles(hub, access, next)).resolves.toEqual(wanted);
    await expect(lastTitles(hub, access, ours)).resolves.toEqual({ a: 'ours', b: 'root', both: 'ours' });
  });

  it('are found behind many changes of a side branch', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const root = await history.commit({ title: 'root', files: { a: '0', b: '0' } });
    let side = root;
    let main = root;
    for (let i = 1; i <= 40; i++) {
      side = await history.commit({ title: `side ${i}`, files: { a: `side ${i}` }, parents: [side] });
      main = await history.commit({ title: `main ${i}`, files: { b: `main ${i}` }, parents: [main] });
    }
    await expect(lastTitles(hub, access, main)).resolves.toEqual({ a: 'root', b: 'main 40' });
    await expect(lastTitles(hub, access, side)).resolves.toEqual({ a: 'side 40', b: 'root' });
  });

  it('are found by comparing trees when no changes were recorded', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const files = { a: '1', 'd/x': '1' };
    const first = await history.commit({ title: 'first', files, recorded: [] });
    const second = await history.commit({
      title: 'second',
      files: { 'd/x': '2' },
      parents: [first],
      recorded: [],
    });
    const third = await history.commit({
      title: 'third',
      files: { b: '1' },
      parents: [second],
      recorded: [],
    });
    await expect(lastTitles(hub, access, third)).resolves.toEqual({ a: 'first', b: 'third', d: 'second' });
  });

  it('of the root folder is the newest commit with another content', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const first = await history.commit({ title: 'first', files: { a: '1' } });
    const second = await history.commit({ title: 'second', parents: [first] });
    const [root] = await hub.services().trees.paths(access, second, [''], { withLastCommit: true });
    expect(root).toMatchObject({ kind: 'folder', path: '', lastCommit: { oid: first, title: 'first' } });
  });
});
