import {
  commit,
  createRepo,
  deleteFile,
  downloadFile,
  downloadFileToCacheDir,
  fileDownloadInfo,
  listFiles,
  pathsInfo,
  snapshotDownload,
  uploadFile,
  uploadFiles,
  uploadFilesWithProgress,
} from '@huggingface/hub';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { shardOf } from '../fuzz/xet-samples.ts';
import { HEADER, lfsLine, ndjson } from '../support/content.ts';
import { sha256Of } from '../support/lfs-world.ts';
import { packFiles } from '../support/xet-pack.ts';
import { collect, type ListeningHub, it as base, type Person } from './listening-hub.ts';
import { floats, noise } from './contents.ts';
import { RecordingFetch } from './recording-fetch.ts';

type Model = Person & { readonly repo: string; readonly wire: RecordingFetch; readonly fetch: typeof fetch };

/** `model`: a fresh model, its owner's options, and what the client sends. */
const it = base
  .extend('model', ({ hub }) => newModel(hub, 'public'))
  .extend('hidden', ({ hub }) => newModel(hub, 'private'))
  .extend('folder', async ({}, { onCleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-js-xet-'));
    onCleanup(() => rm(folder, { recursive: true }));
    return folder;
  });

async function newModel(hub: ListeningHub, visibility: 'public' | 'private'): Promise<Model> {
  const owner = await hub.person();
  const repo = `${owner.user.name}/${hub.name('model')}`;
  await createRepo({ ...owner, repo, private: visibility === 'private' });
  const wire = new RecordingFetch();
  return { ...owner, repo, wire, fetch: wire.fetch };
}

function file(path: string, content: string | Uint8Array<ArrayBuffer>) {
  return { path, content: new Blob([content]) };
}

async function read(model: Omit<Model, 'wire'>, path: string, revision = 'main'): Promise<Buffer> {
  const blob = await downloadFile({ ...model, path, revision });
  if (!blob) throw new Error(`no file ${path}`);
  return Buffer.from(await blob.arrayBuffer());
}

/** What somebody without a client gets. */
async function readByHttp(model: Model, path: string, revision = 'main'): Promise<Buffer> {
  const url = `${model.hubUrl}/${model.repo}/resolve/${encodeURIComponent(revision)}/${path}`;
  const response = await fetch(url, { headers: model.user.headers });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

const XORB_UPLOAD = /^POST .*\/v1\/xorbs\/default\//;
const SHARD_UPLOAD = /^POST .*\/v1\/shards$/;
const RECONSTRUCTION = /^GET .*\/reconstructions\//;
const LFS_UPLOAD = /^PUT /;

describe('uploads through @huggingface/hub by Xet', () => {
  it.for([
    ['noise', () => noise('js upload', 3_000_000)],
    ['weights', () => floats('js upload', 400_000)],
    ['zeros', () => new Uint8Array(1_000_000)],
    ['text', () => new Uint8Array(Buffer.from('a line of text\n'.repeat(60_000)))],
    ['five bytes', () => new Uint8Array(Buffer.from('small'))],
  ] as const)('takes a file of %s and gives it back', async ([, make], { model }) => {
    const content = make();
    await uploadFile({ ...model, file: file('w.safetensors', content) });
    expect(model.wire.count(SHARD_UPLOAD)).toBe(1);
    expect(model.wire.count(LFS_UPLOAD)).toBe(0);
    const [item] = await pathsInfo({ ...model, paths: ['w.safetensors'] });
    expect(item?.lfs).toMatchObject({ oid: sha256Of(Buffer.from(content)), size: content.length });
    expect(item?.xetHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await read(model, 'w.safetensors')).equals(content)).toBe(true);
    expect(model.wire.count(RECONSTRUCTION)).toBeGreaterThanOrEqual(1);
    expect((await readByHttp(model, 'w.safetensors')).equals(content)).toBe(true);
  });

  it('says how far it is', async ({ model }) => {
    const seen = new Set<string>();
    const files = [file('a.bin', noise('js progress', 1_000_000))];
    for await (const event of uploadFilesWithProgress({ ...model, files })) {
      seen.add(event.event === 'phase' ? event.phase : event.state);
    }
    expect([...seen]).toEqual(['preuploading', 'uploadingLargeFiles', 'hashing', 'uploading', 'committing']);
  });

  it('takes many files, twins and regular ones in one commit', async ({ model }) => {
    const contents = Array.from({ length: 20 }, (_, index) => noise(`js many ${index}`, 60_000 + index));
    const files = contents.map((content, index) => file(`data/${index}.bin`, content));
    await uploadFiles({
      ...model,
      files: [...files, file('twin.bin', contents[0]!), file('note.txt', 'regular'), file('empty.bin', '')],
    });
    expect(model.wire.count(LFS_UPLOAD)).toBe(0);
    const items = await collect(listFiles({ ...model, recursive: true }));
    expect(items.filter((item) => item.type === 'file')).toHaveLength(24);
    for (const [index, content] of contents.entries()) {
      expect((await read(model, `data/${index}.bin`)).equals(content)).toBe(true);
    }
    expect((await readByHttp(model, 'twin.bin')).equals(contents[0]!)).toBe(true);
    expect(await readByHttp(model, 'empty.bin')).toHaveLength(0);
  });

  it('sends only what is new of an edited file', async ({ model }) => {
    const content = noise('js edited', 6_000_000);
    await uploadFile({ ...model, file: file('w.bin', content) });
    const sent = model.wire.sentBytes(XORB_UPLOAD);
    expect(sent).toBeGreaterThan(content.length);
    const edited = Buffer.concat([
      content.subarray(0, 3_000_000),
      Buffer.from('edit'),
      content.subarray(3_000_000),
    ]);
    await uploadFile({ ...model, file: file('w.bin', edited) });
    const added = model.wire.sentBytes(XORB_UPLOAD) - sent;
    expect(added).toBeGreaterThan(0);
    expect(added).toBeLessThan(1_000_000);
    expect((await read(model, 'w.bin')).equals(edited)).toBe(true);
    expect((await readByHttp(model, 'w.bin')).equals(edited)).toBe(true);
  });

  it('edits a file that it does not have', async ({ model }) => {
    const content = noise('js spliced', 2_000_000);
    await uploadFile({ ...model, file: file('w.bin', content) });
    const originalContent = await downloadFile({ ...model, path: 'w.bin' });
    await commit({
      ...model,
      title: 'Edit',
      operations: [
        {
          operation: 'edit',
          path: 'w.bin',
          originalContent: originalContent!,
          edits: [{ start: 1_000_000, end: 1_000_010, content: new Blob(['edited']) }],
        },
      ],
    });
    const expected = Buffer.concat([
      content.subarray(0, 1_000_000),
      Buffer.from('edited'),
      content.subarray(1_000_010),
    ]);
    expect((await readByHttp(model, 'w.bin')).equals(expected)).toBe(true);
  });

  it('sends nothing of a content that the repository has', async ({ model }) => {
    const content = noise('js twice', 500_000);
    await uploadFile({ ...model, file: file('w.bin', content) });
    const sent = model.wire.sentBytes(XORB_UPLOAD);
    await uploadFile({ ...model, file: file('copy.bin', content) });
    expect(model.wire.sentBytes(XORB_UPLOAD)).toBe(sent);
    expect((await readByHttp(model, 'copy.bin')).equals(content)).toBe(true);
  });

  it('takes a deleted file again', async ({ model }) => {
    const content = noise('js again', 700_000);
    await uploadFile({ ...model, file: file('w.bin', content) });
    await deleteFile({ ...model, path: 'w.bin' });
    expect(await downloadFile({ ...model, path: 'w.bin' })).toBeNull();
    await uploadFile({ ...model, file: file('w.bin', content) });
    expect((await read(model, 'w.bin')).equals(content)).toBe(true);
  });

  it('lets a reader propose a change, and strangers and read tokens upload nothing', async ({
    hub,
    model,
  }) => {
    const { repo, wire } = model;
    const reader = { ...(await hub.person()), repo, fetch: wire.fetch };
    const content = noise('js idea', 300_000);
    const done = await uploadFile({ ...reader, file: file('idea.bin', content), isPullRequest: true });
    expect(done?.pullRequestUrl).toBe(`${hub.url}/${repo}/discussions/1`);
    expect(wire.count(SHARD_UPLOAD)).toBe(1);
    expect((await readByHttp(model, 'idea.bin', 'refs/pr/1')).equals(content)).toBe(true);
    for (const person of [reader, await hub.reader(model)]) {
      const refused = uploadFile({
        ...person,
        repo,
        fetch: wire.fetch,
        file: file('w.bin', noise('no', 1000)),
      });
      await expect(refused).rejects.toMatchObject({ statusCode: 403 });
    }
    expect(wire.count(SHARD_UPLOAD)).toBe(1);
    expect(await downloadFile({ ...model, path: 'w.bin' })).toBeNull();
  });
});

/** A GET, or a POST with a body; the JSON of its answer. */
async function send(url: string, token: string, body?: Buffer | string): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' };
  const response = await fetch(url, { headers, ...(body && { method: 'POST', body: new Blob([body]) }) });
  expect(response.status).toBe(200);
  return response.json();
}

/** Uploads and commits a file cut where hf_xet cuts it, which is not always where @huggingface/hub does. */
async function uploadAsHfXet(model: Model, path: string, content: Uint8Array): Promise<string> {
  const packed = packFiles([Buffer.from(content)]);
  const api = `${model.hubUrl}/api/models/${model.repo}`;
  const grant = (await send(`${api}/xet-write-token/main`, model.accessToken)) as {
    casUrl: string;
    accessToken: string;
  };
  for (const xorb of packed.xorbs) {
    await send(`${grant.casUrl}/v1/xorbs/default/${xorb.hash}`, grant.accessToken, xorb.body);
  }
  await send(`${grant.casUrl}/v1/shards`, grant.accessToken, shardOf(packed));
  await send(`${api}/commit/main`, model.accessToken, ndjson([HEADER, lfsLine(path, packed.objects[0]!)]));
  return packed.files[0]!.hash;
}

describe('one content that two clients cut differently', () => {
  it.for(['@huggingface/hub first', 'hf_xet first'] as const)(
    'is whole for both: %s',
    async (order, { model, hidden }) => {
      const content = noise(order, 3_000_000);
      const byJs = (): Promise<unknown> => uploadFile({ ...model, file: file('w.bin', content) });
      let hashOfHfXet = '';
      const byHfXet = async (): Promise<void> => {
        hashOfHfXet = await uploadAsHfXet(hidden, 'w.bin', content);
      };
      for (const upload of order === 'hf_xet first' ? [byHfXet, byJs] : [byJs, byHfXet]) await upload();

      const hashes = await Promise.all(
        [model, hidden].map(async (each) => (await pathsInfo({ ...each, paths: ['w.bin'] }))[0]?.xetHash),
      );
      // Each repository holds the content as it was brought there, whoever was first.
      expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(hashes[0]).not.toBe(hashOfHfXet);
      expect(hashes[1]).toBe(hashOfHfXet);
      for (const each of [model, hidden]) {
        expect((await read(each, 'w.bin')).equals(content)).toBe(true);
        expect((await readByHttp(each, 'w.bin')).equals(content)).toBe(true);
      }
      expect(model.wire.count(SHARD_UPLOAD)).toBe(1);
    },
  );
});

describe('downloads through @huggingface/hub by Xet', () => {
  it('reads slices', async ({ model }) => {
    const content = noise('js slices', 2_000_000);
    await uploadFile({ ...model, file: file('w.bin', content) });
    const blob = await downloadFile({ ...model, path: 'w.bin' });
    expect(blob?.size).toBe(content.length);
    for (const [start, end] of [
      [0, 1],
      [100, 100_000],
      [131_071, 131_073],
      [900_000, 1_700_000],
      [content.length - 5, content.length],
    ] as const) {
      const slice = Buffer.from(await blob!.slice(start, end).arrayBuffer());
      expect(slice.equals(content.subarray(start, end)), `${start} to ${end}`).toBe(true);
    }
    expect(model.wire.count(RECONSTRUCTION)).toBeGreaterThanOrEqual(1);
  });

  it('reads without Xet when told so, and says where the file is', async ({ model }) => {
    const content = noise('js plain', 400_000);
    await uploadFile({ ...model, file: file('w.bin', content) });
    const info = await fileDownloadInfo({ ...model, path: 'w.bin' });
    expect(info).toMatchObject({
      size: content.length,
      etag: `"${sha256Of(Buffer.from(content))}"`,
      xet: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    const blob = await downloadFile({ ...model, path: 'w.bin', xet: false });
    expect(Buffer.from(await blob!.arrayBuffer()).equals(content)).toBe(true);
    expect(
      Buffer.from(await blob!.slice(1000, 2000).arrayBuffer()).equals(content.subarray(1000, 2000)),
    ).toBe(true);
    expect(model.wire.count(RECONSTRUCTION)).toBe(0);
  });

  it('fills its cache', async ({ hidden, folder }) => {
    const content = noise('js cache', 800_000);
    await uploadFiles({ ...hidden, files: [file('w.bin', content), file('config.json', '{}')] });
    const path = await downloadFileToCacheDir({ ...hidden, path: 'w.bin', cacheDir: join(folder, 'one') });
    expect((await readFile(path)).equals(content)).toBe(true);
    const snapshot = await snapshotDownload({ ...hidden, cacheDir: join(folder, 'all') });
    expect((await readFile(join(snapshot, 'w.bin'))).equals(content)).toBe(true);
    expect(await readFile(join(snapshot, 'config.json'), 'utf8')).toBe('{}');
    expect(hidden.wire.count(RECONSTRUCTION)).toBeGreaterThanOrEqual(2);
  });

  it('reads files of a private repository only as somebody who may', async ({ hub, hidden }) => {
    const content = noise('js secret', 200_000);
    await uploadFile({ ...hidden, file: file('w.bin', content) });
    expect((await read(hidden, 'w.bin')).equals(content)).toBe(true);
    const stranger = { ...(await hub.person()), repo: hidden.repo };
    await expect(downloadFile({ ...stranger, path: 'w.bin' })).rejects.toMatchObject({ statusCode: 404 });
    const info = await fileDownloadInfo({ ...hidden, path: 'w.bin' });
    const blob = await downloadFile({ ...stranger, path: 'w.bin', downloadInfo: info! });
    await expect(blob!.arrayBuffer()).rejects.toThrow('Failed to get JWT token: 404');
  });
});
