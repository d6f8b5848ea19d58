import { copyFile, rm } from 'node:fs/promises';
import { BenchHub } from './support/bench-hub.ts';
import { run } from './support/command.ts';
import { type Figure, seconds } from './support/figures.ts';
import { type LargeFile, writeLargeFile } from './support/large-file.ts';
import { pathInRepo, uploadLfs } from './support/lfs-upload.ts';
import { peakResidentBytes } from './support/memory.ts';
import { Nginx } from './support/nginx.ts';
import { below, type Peer, type Row, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { TempDir } from './support/temp-dir.ts';

const MAX_PEAK_MB = 300;

/** One very large file, up and down, and the memory that it costs. */
export async function largeFiles({ hugeFileBytes }: Scale): Promise<Section> {
  await using hub = await BenchHub.open();
  await using dir = await TempDir.make();
  await using nginx = await Nginx.start();
  const repo = await hub.createModel('huge');
  const size = `${(hugeFileBytes / 2 ** 20).toLocaleString('en-US')} MiB`;
  const first = await writeLargeFile(dir.file('first'), hugeFileBytes);
  const uploadPeers = [await copyPeer(first, dir), await putPeer(first, nginx)];
  const basic = await transfer(hub, hugeFileBytes, () =>
    uploadLfs(hub, repo, { file: first, transfer: 'basic' }),
  );
  await copyFile(first.path, nginx.file('first'));
  const download = await transfer(hub, hugeFileBytes, () =>
    fetchFile(`${hub.url}/${repo}/resolve/main/${pathInRepo(first)}`),
  );
  const nginxSeconds = await seconds(() => fetchFile(`${nginx.url}/first`));
  const downloadPeers = [{ name: 'nginx', figure: rate(hugeFileBytes, nginxSeconds) }];
  await Promise.all([rm(first.path), rm(nginx.file('first'))]);
  const second = await writeLargeFile(dir.file('second'), hugeFileBytes);
  const multipart = await transfer(hub, hugeFileBytes, () =>
    uploadLfs(hub, repo, { file: second, transfer: 'multipart' }),
  );
  return {
    title: `A file of ${size}`,
    method:
      'LFS upload from the batch request to the answer of the commit, with everything hashed and on disk; one PUT, or parts of 50 MB with 2 on their way at a time. Download by `curl` over one connection. Once each. ' +
      'Each transfer has a fresh hub process, whose peak resident memory (`VmHWM`) is read at the end. Peers: `cp`, `sync` and `sha256sum`, which is the same work without a network; nginx taking a PUT, which neither hashes nor syncs; nginx serving the file.',
    rows: [
      ...transferRows(`upload ${size}, one PUT`, basic, uploadPeers),
      ...transferRows(`upload ${size}, multipart`, multipart, uploadPeers),
      ...transferRows(`download ${size}`, download, downloadPeers),
    ],
  };
}

interface Transfer {
  readonly speed: Figure;
  readonly peakBytes: number;
}

async function transfer(hub: BenchHub, sizeBytes: number, work: () => Promise<void>): Promise<Transfer> {
  await hub.restart();
  const duration = await seconds(work);
  return { speed: rate(sizeBytes, duration), peakBytes: await peakResidentBytes(hub.pid) };
}

async function copyPeer({ path, sizeBytes }: LargeFile, dir: TempDir): Promise<Peer> {
  const copy = dir.file('copy');
  const duration = await seconds(() =>
    run('sh', ['-c', `cp '${path}' '${copy}' && sync '${copy}' && sha256sum '${copy}'`]),
  );
  await rm(copy);
  return { name: 'cp, sync, sha256sum', figure: rate(sizeBytes, duration) };
}

async function putPeer({ path, sizeBytes }: LargeFile, nginx: Nginx): Promise<Peer> {
  const duration = await seconds(() => run('curl', ['-sf', '-T', path, `${nginx.url}/put/file`]));
  await rm(nginx.file('put'), { recursive: true });
  return { name: 'nginx PUT', figure: rate(sizeBytes, duration) };
}

async function fetchFile(url: string): Promise<void> {
  await run('curl', ['-sfL', '-o', '/dev/null', url]);
}

function transferRows(what: string, { speed, peakBytes }: Transfer, peers: readonly Peer[]): Row[] {
  const peak = { value: peakBytes / 1e6, unit: 'MB' };
  return [
    { what, ours: speed, peers },
    { what: `${what}: peak memory of the hub`, ours: peak, peers: [], target: below(peak, MAX_PEAK_MB) },
  ];
}

function rate(bytes: number, duration: number): Figure {
  return { value: bytes / 1e6 / duration, unit: 'MB/s' };
}
