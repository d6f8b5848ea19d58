import {
  countCommits,
  createBranch,
  createRepo,
  deleteBranch,
  downloadFile,
  downloadFileToCacheDir,
  fileDownloadInfo,
  fileExists,
  listCommits,
  listFiles,
  parseSafetensorsMetadata,
  pathsInfo,
  snapshotDownload,
  uploadFile,
  uploadFiles,
} from '@huggingface/hub';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { sha256Of } from '../support/lfs-world.ts';
import { collect, it as base, safetensors } from './listening-hub.ts';

const WEIGHTS = randomBytes(400_000);
const NAMES = ['a b.txt', 'dir/ünï.txt', 'dir/deep/x,y.txt'];

/** `model`: a model with some files; everybody may read it. `folder`: a place on disk. */
const it = base
  .extend('model', { scope: 'file' }, async ({ hub }) => {
    const owner = await hub.person();
    const repo = `${owner.user.name}/${hub.name('model')}`;
    await createRepo({ ...owner, repo });
    const files = NAMES.map((path) => ({ path, content: new Blob([path]) }));
    const weights = { path: 'weights.bin', content: new Blob([WEIGHTS]) };
    const done = await uploadFiles({ ...owner, repo, files: [...files, weights], useXet: false });
    return { repo, hubUrl: hub.url, owner, head: done!.commit.oid };
  })
  .extend('folder', async ({}, { onCleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-js-'));
    onCleanup(() => rm(folder, { recursive: true }));
    return folder;
  });

describe('reading through @huggingface/hub', () => {
  it('lists folders, everything, and last commits', async ({ model }) => {
    const list = (options: object) => collect(listFiles({ ...model, ...options }));
    const top = await list({});
    expect(top.map((item) => `${item.type} ${item.path}`)).toEqual([
      'directory dir',
      'file .gitattributes',
      'file a b.txt',
      'file weights.bin',
    ]);
    const all = await list({ recursive: true });
    expect(all.map((item) => item.path)).toEqual(expect.arrayContaining([...NAMES, 'dir/deep']));
    expect((await list({ path: 'dir' })).map((item) => item.path)).toEqual(['dir/deep', 'dir/ünï.txt']);
    const expanded = await list({ expand: true, recursive: true });
    expect(expanded.map(({ path, lastCommit }) => `${path}: ${lastCommit?.title}`)).toEqual([
      ...['dir', 'dir/deep', 'dir/deep/x,y.txt', 'dir/ünï.txt'].map((path) => `${path}: Add 4 files`),
      '.gitattributes: initial commit',
      'a b.txt: Add 4 files',
      'weights.bin: Add 4 files',
    ]);
    const date = expect.stringMatching(/^[\d-]+T[\d:.]+Z$/) as string;
    expect(expanded.at(-1)?.lastCommit).toEqual({ id: model.head, title: 'Add 4 files', date });
    expect(await list({ revision: model.head })).toEqual(top);
    await expect(list({ path: 'nope' })).rejects.toMatchObject({ statusCode: 404 });
    await expect(list({ revision: 'nope' })).rejects.toMatchObject({ statusCode: 404 });
  });

  it('describes paths', async ({ model }) => {
    const paths = ['dir', 'nope', ...NAMES, 'weights.bin'];
    const items = await pathsInfo({ ...model, paths, expand: true });
    expect(items.map((item) => item.path)).toEqual(['dir', ...NAMES, 'weights.bin']);
    expect(items.at(-1)).toMatchObject({
      type: 'file',
      size: WEIGHTS.length,
      lfs: { oid: sha256Of(WEIGHTS) },
      lastCommit: { id: model.head, date: expect.any(Date) },
    });
    expect(await pathsInfo({ ...model, paths: [], revision: 'main' })).toEqual([]);
  });

  it('knows which files exist, and where and how large they are', async ({ model }) => {
    expect(await fileExists({ ...model, path: 'weights.bin' })).toBe(true);
    expect(await fileExists({ ...model, path: 'dir' })).toBe(false);
    expect(await fileExists({ ...model, path: 'nope' })).toBe(false);
    expect(await fileExists({ ...model, path: 'weights.bin', revision: 'nope' })).toBe(false);
    expect(await fileDownloadInfo({ ...model, path: 'nope' })).toBeNull();
    expect(await fileDownloadInfo({ ...model, path: 'weights.bin' })).toEqual({
      size: WEIGHTS.length,
      etag: `"${sha256Of(WEIGHTS)}"`,
      xet: undefined,
      url: expect.stringContaining(model.hubUrl),
    });
    const missing = fileDownloadInfo({ ...model, path: 'a b.txt', revision: 'nope' });
    await expect(missing).rejects.toMatchObject({ statusCode: 404 });
  });

  it('downloads whole files, slices and streams', async ({ model }) => {
    for (const path of NAMES) {
      const blob = await downloadFile({ ...model, path });
      expect([blob?.size, await blob?.text()]).toEqual([Buffer.byteLength(path), path]);
    }
    const weights = await downloadFile({ ...model, path: 'weights.bin', revision: model.head });
    expect(Buffer.from(await weights!.arrayBuffer()).equals(WEIGHTS)).toBe(true);
    for (const [start, end] of [
      [0, 1],
      [1000, 2000],
      [399_999, 500_000],
    ] as const) {
      const slice = Buffer.from(await weights!.slice(start, end).arrayBuffer());
      expect(slice.equals(WEIGHTS.subarray(start, end))).toBe(true);
    }
    const streamed = await collect(weights!.slice(10, 300_000).stream());
    expect(Buffer.concat(streamed).equals(WEIGHTS.subarray(10, 300_000))).toBe(true);
    expect(await downloadFile({ ...model, path: 'nope' })).toBeNull();
  });

  it('reads the pointer behind an LFS file', async ({ model }) => {
    const pointer = await downloadFile({ ...model, path: 'weights.bin', raw: true });
    expect(await pointer?.text()).toBe(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256Of(WEIGHTS)}\nsize ${WEIGHTS.length}\n`,
    );
    const text = await downloadFile({ ...model, path: 'a b.txt', raw: true });
    expect(await text?.text()).toBe('a b.txt');
  });

  it('downloads into a cache', async ({ model, folder }) => {
    const snapshot = await snapshotDownload({ ...model, cacheDir: folder });
    expect(snapshot).toContain(model.head);
    for (const path of NAMES) expect(await readFile(join(snapshot, path), 'utf8')).toBe(path);
    expect((await readFile(join(snapshot, 'weights.bin'))).equals(WEIGHTS)).toBe(true);
    const single = await downloadFileToCacheDir({ ...model, path: 'a b.txt', cacheDir: folder });
    expect(await readFile(single, 'utf8')).toBe('a b.txt');
  });

  it('reads a private file only with a token', async ({ hub }) => {
    const owner = await hub.person();
    const repo = `${owner.user.name}/${hub.name('secret')}`;
    const files = [{ path: 'a.txt', content: new Blob(['secret']) }];
    await createRepo({ ...owner, repo, visibility: 'private', files });
    const blob = await downloadFile({ ...owner, repo, path: 'a.txt' });
    expect(await blob?.text()).toBe('secret');
    for (const other of [{ hubUrl: hub.url }, await hub.person()]) {
      await expect(downloadFile({ ...other, repo, path: 'a.txt' })).rejects.toMatchObject({
        statusCode: 404,
      });
      expect(await fileExists({ ...other, repo, path: 'a.txt' })).toBe(false);
    }
  });
});

describe('history through @huggingface/hub', () => {
  it('makes branches, commits to them and deletes them', async ({ hub, model }) => {
    const { owner, repo } = model;
    await createBranch({ ...owner, repo, branch: 'feat/x', revision: model.head });
    const file = { path: 'only-here.txt', content: new Blob(['here']) };
    await uploadFile({ ...owner, repo, file, branch: 'feat/x', useXet: false });
    const here = await downloadFile({ ...model, path: 'only-here.txt', revision: 'feat/x' });
    expect(await here?.text()).toBe('here');
    expect(await fileExists({ ...model, path: 'only-here.txt' })).toBe(false);
    await expect(createBranch({ ...owner, repo, branch: 'feat/x' })).rejects.toMatchObject({
      statusCode: 409,
    });
    const empty = createBranch({ ...owner, repo, branch: 'empty', empty: true });
    await expect(empty).rejects.toMatchObject({ statusCode: 501 });
    const stranger = await hub.person();
    await expect(deleteBranch({ ...stranger, repo, branch: 'feat/x' })).rejects.toMatchObject({
      statusCode: 403,
    });
    await deleteBranch({ ...owner, repo, branch: 'feat/x' });
    await expect(deleteBranch({ ...owner, repo, branch: 'feat/x' })).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it('lists commits in pages of any size, and counts them', async ({ hub }) => {
    const owner = await hub.person();
    const repo = `${owner.user.name}/${hub.name('history')}`;
    await createRepo({ ...owner, repo });
    for (const text of ['1', '2', '3', '4']) {
      const file = { path: 'a.txt', content: new Blob([text]) };
      await uploadFile({ ...owner, repo, file, commitTitle: text, useXet: false });
    }
    const commits = await collect(listCommits({ ...owner, repo, batchSize: 2 }));
    expect(commits.map((commit) => commit.title)).toEqual(['4', '3', '2', '1', 'initial commit']);
    const older = await collect(listCommits({ ...owner, repo, revision: commits[2]!.oid }));
    expect(older).toEqual(commits.slice(2));
    expect(await countCommits({ ...owner, repo })).toBe(5);
    expect(await countCommits({ ...owner, repo, revision: commits[2]!.oid })).toBe(3);
  });
});

describe('weights through @huggingface/hub', () => {
  it('counts the parameters of one file and of shards by ranges', async ({ hub }) => {
    const owner = await hub.person();
    const repo = `${owner.user.name}/${hub.name('weights')}`;
    await createRepo({ ...owner, repo });
    const single = { path: 'model.safetensors', content: safetensors({ a: [10, 20], b: [5] }) };
    await uploadFile({ ...owner, repo, file: single, useXet: false });
    const parsed = await parseSafetensorsMetadata({ ...owner, repo, computeParametersCount: true });
    expect(parsed).toMatchObject({ sharded: false, parameterCount: { F32: 205 } });
    const shards = { 'model-1-of-2.safetensors': { a: [10, 20] }, 'model-2-of-2.safetensors': { b: [5] } };
    const index = {
      metadata: {},
      weight_map: { a: 'model-1-of-2.safetensors', b: 'model-2-of-2.safetensors' },
    };
    await uploadFiles({
      ...owner,
      repo,
      files: [
        ...Object.entries(shards).map(([path, tensors]) => ({ path, content: safetensors(tensors) })),
        { path: 'model.safetensors.index.json', content: new Blob([JSON.stringify(index)]) },
      ],
      useXet: false,
    });
    const sharded = await parseSafetensorsMetadata({
      ...owner,
      repo,
      path: 'model.safetensors.index.json',
      computeParametersCount: true,
    });
    expect(sharded).toMatchObject({ sharded: true, parameterCount: { F32: 205 } });
  });
});
