import { copyFile } from 'node:fs/promises';
import { BenchHub } from './support/bench-hub.ts';
import { run } from './support/command.ts';
import { type Figure, medianOf, repeat } from './support/figures.ts';
import { writeLargeFile } from './support/large-file.ts';
import { pathInRepo, uploadLfs } from './support/lfs-upload.ts';
import { getLoad } from './support/load.ts';
import { Nginx } from './support/nginx.ts';
import { atLeastShareOf, type Row, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { TempDir } from './support/temp-dir.ts';

const SMALL_BYTES = 4 * 2 ** 20;
const MIN_SHARE = 0.6;
const MANY = 8;
/** One download is over too soon to be measured. */
const SMALL_AT_ONCE = 100;

/** Downloads of LFS files that lie in a directory. */
export async function downloads(scale: Scale): Promise<Section> {
  await using hub = await BenchHub.open();
  await using dir = await TempDir.make();
  await using nginx = await Nginx.start();
  const repo = await hub.createModel('weights');
  const publish = async (name: string, sizeBytes: number) => {
    const file = await writeLargeFile(dir.file(name), sizeBytes);
    await uploadLfs(hub, repo, { file, transfer: 'basic' });
    await copyFile(file.path, nginx.file(name));
    return { ours: `${hub.url}/${repo}/resolve/main/${pathInRepo(file)}`, theirs: `${nginx.url}/${name}` };
  };
  const small = await publish('small', SMALL_BYTES);
  const large = await publish('large', scale.largeDownloadBytes);
  const largeName = `${(scale.largeDownloadBytes / 2 ** 20).toLocaleString('en-US')} MiB`;
  return {
    title: 'Downloads',
    method:
      `LFS files through \`/resolve\`, public, from the page cache, median of ${scale.runs}. One connection: \`curl\`, which gets the small file ${SMALL_AT_ONCE} times over one connection. ${MANY} connections: \`wrk\`. ` +
      'Peer: nginx with `sendfile`, serving the same file.',
    rows: [
      await compare('4 MiB, one connection', small, (url) => single(url, SMALL_AT_ONCE, scale)),
      await compare(`4 MiB, ${MANY} connections`, small, (url) => many(url, scale)),
      await compare(`${largeName}, one connection`, large, (url) => single(url, 1, scale)),
      await compare(`${largeName}, ${MANY} connections`, large, (url) => parallel(url, scale)),
    ],
  };
}

async function compare(
  what: string,
  urls: { readonly ours: string; readonly theirs: string },
  measure: (url: string) => Promise<Figure>,
): Promise<Row> {
  const ours = await measure(urls.ours);
  const nginx = { name: 'nginx', figure: await measure(urls.theirs) };
  return { what, ours, peers: [nginx], target: atLeastShareOf(ours, nginx, MIN_SHARE) };
}

/** Downloads one after the other over one connection. */
async function single(url: string, times: number, { runs }: Scale): Promise<Figure> {
  const download = () => curl(Array.from({ length: times }, () => url));
  await download();
  return rate(await repeat(runs, download));
}

/** Whole downloads at the same time. */
async function parallel(url: string, { runs }: Scale): Promise<Figure> {
  const download = async () => {
    const begin = performance.now();
    const bytes = await Promise.all(Array.from({ length: MANY }, () => curlBytes([url])));
    return bytes.reduce((sum, part) => sum + part, 0) / ((performance.now() - begin) / 1000);
  };
  return rate(await repeat(runs, download));
}

async function many(url: string, { runs, loadSeconds }: Scale): Promise<Figure> {
  const results = await repeat(runs, () => getLoad({ url, seconds: loadSeconds, connections: MANY }));
  return rate(results.map(({ bytesPerSecond }) => bytesPerSecond));
}

/** @returns bytes per second. */
async function curl(urls: readonly string[]): Promise<number> {
  const begin = performance.now();
  const bytes = await curlBytes(urls);
  return bytes / ((performance.now() - begin) / 1000);
}

/** Downloads and throws away. @returns how many bytes came. */
async function curlBytes(urls: readonly string[]): Promise<number> {
  const targets = urls.flatMap((url) => ['-o', '/dev/null', url]);
  const output = await run('curl', ['-sfL', '-w', '%{size_download}\n', ...targets]);
  return output
    .trim()
    .split('\n')
    .reduce((sum, size) => sum + Number(size), 0);
}

function rate(bytesPerSecond: readonly number[]): Figure {
  return medianOf(
    bytesPerSecond.map((value) => value / 1e6),
    'MB/s',
  );
}
