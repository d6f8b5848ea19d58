import {
  commit,
  createRepo,
  deleteFile,
  deleteFiles,
  downloadFile,
  listCommits,
  listFiles,
  pathsInfo,
  uploadFile,
  uploadFiles,
  uploadFilesWithProgress,
} from '@huggingface/hub';
import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { PART_BYTES, sha256Of } from '../support/lfs-world.ts';
import { collect, it as base, type Person } from './listening-hub.ts';

/** `model`: a fresh model and its owner's options, without Xet. */
const it = base.extend('model', async ({ hub }) => {
  const owner = await hub.person();
  const repo = `${owner.user.name}/${hub.name('model')}`;
  await createRepo({ ...owner, repo });
  return { ...owner, repo, useXet: false };
});
type Model = Person & { readonly repo: string };

/** Not a file of a person, but enough of one for the client. */
function file(path: string, content: string | Uint8Array<ArrayBuffer>) {
  return { path, content: new Blob([content]) };
}

async function paths(model: Model, revision = 'main'): Promise<string[]> {
  const items = await collect(listFiles({ ...model, revision, recursive: true }));
  return items.filter((item) => item.type === 'file').map((item) => item.path);
}

async function read(model: Model, path: string, revision = 'main'): Promise<Buffer> {
  const blob = await downloadFile({ ...model, path, revision });
  if (!blob) throw new Error(`no file ${path}`);
  return Buffer.from(await blob.arrayBuffer());
}

describe('uploads through @huggingface/hub', () => {
  it('uploads one file and names its commit', async ({ model }) => {
    const done = await uploadFile({
      ...model,
      file: file('dir/hello world.txt', 'hello'),
      commitTitle: 'Say hello',
      commitDescription: 'To everybody',
    });
    expect(done).toEqual({
      commit: {
        oid: expect.stringMatching(/^[0-9a-f]{40}$/),
        url: `${model.hubUrl}/${model.repo}/commit/${done?.commit.oid}`,
      },
      hookOutput: '',
      pullRequestUrl: undefined,
    });
    const [newest, first, ...rest] = await collect(listCommits(model));
    expect(rest).toEqual([]);
    expect(newest).toMatchObject({ oid: done?.commit.oid, title: 'Say hello', message: 'To everybody' });
    expect(newest?.authors.map((author) => author.username)).toEqual([model.user.name]);
    expect(first?.title).toBe('initial commit');
  });

  it.for(['dataset', 'space'] as const)('uploads many files to a %s', async (type, { hub }) => {
    const owner = await hub.person();
    const repo = { type, name: `${owner.user.name}/${hub.name('repo')}` };
    await createRepo({ ...owner, repo, ...(type === 'space' && { sdk: 'gradio' as const }) });
    const files = Array.from({ length: 150 }, (_, index) => file(`data/${index}.txt`, String(index)));
    await uploadFiles({ ...owner, repo, files: [...files, file('w.bin', 'weights')], useXet: false });
    const items = await collect(listFiles({ ...owner, repo, path: 'data' }));
    expect(items).toHaveLength(150);
    const weights = await downloadFile({ ...owner, repo, path: 'w.bin' });
    expect(await weights?.text()).toBe('weights');
  });

  it('uploads by LFS what its name says, and regular files in the same commit', async ({ model }) => {
    const weights = randomBytes(300_000);
    await uploadFiles({
      ...model,
      files: [file('a.safetensors', weights), file('empty.bin', ''), file('b.txt', 'b')],
    });
    const [lfs, empty, regular] = await pathsInfo({
      ...model,
      paths: ['a.safetensors', 'empty.bin', 'b.txt'],
    });
    expect(lfs).toMatchObject({
      size: 300_000,
      lfs: { oid: sha256Of(weights), size: 300_000, pointerSize: expect.any(Number) },
    });
    expect(lfs?.xetHash).toBeUndefined();
    expect(regular).toMatchObject({ size: 1, oid: '63d8dbd40c23542e740659a7168a0ce3138ea748' });
    expect([empty?.size, empty?.lfs, regular?.lfs]).toEqual([0, undefined, undefined]);
    expect((await read(model, 'a.safetensors')).equals(weights)).toBe(true);
    // The second time the hub already has the bytes.
    await uploadFile({ ...model, file: file('copy.safetensors', weights) });
    expect((await read(model, 'copy.safetensors')).equals(weights)).toBe(true);
  });

  it('uploads in parts', async ({ model }) => {
    const weights = randomBytes(2 * PART_BYTES + 1234);
    const progress: string[] = [];
    const upload = uploadFilesWithProgress({ ...model, files: [file('large.bin', weights)] });
    for await (const event of upload) {
      progress.push(event.event === 'phase' ? event.phase : event.state);
    }
    expect(progress.filter((event, index) => progress.indexOf(event) === index)).toEqual([
      'preuploading',
      'uploadingLargeFiles',
      'hashing',
      'uploading',
      'committing',
    ]);
    expect((await read(model, 'large.bin')).equals(weights)).toBe(true);
  });

  it('takes what several uploads bring at once', async ({ model }) => {
    const contents = Array.from({ length: 6 }, (_, index) => file(`w${index}.bin`, randomBytes(50_000)));
    await Promise.all(contents.map((content) => uploadFile({ ...model, file: content })));
    expect((await paths(model)).toSorted()).toEqual(['.gitattributes', ...contents.map(({ path }) => path)]);
  });

  it('adds, changes and deletes in one commit', async ({ model }) => {
    await uploadFiles({ ...model, files: [file('a.txt', '1'), file('b.txt', '2'), file('dir/c.txt', '3')] });
    await commit({
      ...model,
      title: 'Everything',
      operations: [
        { operation: 'addOrUpdate', ...file('a.txt', 'new') },
        { operation: 'delete', path: 'b.txt' },
        { operation: 'delete', path: 'dir' },
        {
          operation: 'addOrUpdate',
          ...file('.gitattributes', '*.png filter=lfs diff=lfs merge=lfs -text\n'),
        },
        { operation: 'addOrUpdate', ...file('image.png', 'png') },
      ],
    });
    expect(await paths(model)).toEqual(['.gitattributes', 'a.txt', 'image.png']);
    expect(String(await read(model, 'a.txt'))).toBe('new');
    // The rules come with the commit that first needs them.
    expect((await pathsInfo({ ...model, paths: ['image.png'] }))[0]?.lfs?.size).toBe(3);
  });

  it('edits a part of a file', async ({ model }) => {
    await uploadFile({ ...model, file: file('log.txt', 'one two three') });
    const originalContent = await downloadFile({ ...model, path: 'log.txt' });
    const edits = [{ start: 4, end: 7, content: new Blob(['2']) }];
    await uploadFile({ ...model, file: { path: 'log.txt', originalContent: originalContent!, edits } });
    expect(String(await read(model, 'log.txt'))).toBe('one 2 three');
  });

  it('deletes files, and refuses to delete what is not there', async ({ model }) => {
    await uploadFiles({ ...model, files: ['a', 'b', 'c'].map((path) => file(path, path)) });
    await deleteFile({ ...model, path: 'a' });
    await deleteFiles({ ...model, paths: ['b', 'c'] });
    expect(await paths(model)).toEqual(['.gitattributes']);
    await expect(deleteFile({ ...model, path: 'a' })).rejects.toMatchObject({
      statusCode: 404,
      message: expect.stringContaining('a'),
    });
  });

  it('refuses a stale parent, strangers and read tokens', async ({ hub, model }) => {
    const first = await uploadFile({ ...model, file: file('a', '1') });
    await uploadFile({ ...model, file: file('a', '2') });
    const late = uploadFile({ ...model, file: file('b', 'late'), parentCommit: first!.commit.oid });
    await expect(late).rejects.toMatchObject({ statusCode: 412 });
    for (const person of [await hub.person(), await hub.reader(model)]) {
      for (const path of ['b.txt', 'b.bin']) {
        const refused = uploadFile({ ...person, repo: model.repo, file: file(path, 'x'), useXet: false });
        await expect(refused).rejects.toMatchObject({ statusCode: 403 });
      }
    }
    expect(await paths(model)).toEqual(['.gitattributes', 'a']);
  });

  it('proposes a change as a reader, LFS files too', async ({ hub, model }) => {
    const reader = { ...(await hub.person()), repo: model.repo, useXet: false };
    const done = await uploadFiles({
      ...reader,
      files: [file('idea.txt', 'idea'), file('idea.bin', 'big idea')],
      isPullRequest: true,
    });
    expect(done?.pullRequestUrl).toBe(`${hub.url}/${model.repo}/discussions/1`);
    expect(await paths(model)).toEqual(['.gitattributes']);
    expect(await paths(model, 'refs/pr/1')).toEqual(['.gitattributes', 'idea.bin', 'idea.txt']);
    expect(String(await read(model, 'idea.bin', 'refs/pr/1'))).toBe('big idea');
  });
});
