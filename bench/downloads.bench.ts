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
const CAUSE =
  'before the first byte there are two look-ups in PostgreSQL (the repository with its head, the LFS object; nothing of them is remembered, so that a revoked right is revoked at once) and the opening of the file, which a download of 4 MiB feels and one of 1 GiB does not. ' +
  'Then Node copies each byte into its memory and out again, where nginx has `sendfile`: about 500 ms of processor time for each GB against 260.';

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
  // The hub cuts each of them into chunks for Xet clients: a warm hub has done so.
  for (const { ours } of [small, large]) await hub.presentedToXet(ours);
  const largeName = `${(scale.largeDownloadBytes / 2 ** 20).toLocaleString('en-US')} MiB`;
  return {
    title: 'Downloads',
    method:
      `LFS files through \`/resolve\`, public, from the page cache, after the hub's background work on the uploads, median of ${scale.runs}; the hub and the peer in turn. One connection: \`curl\`, which gets the small file ${SMALL_AT_ONCE} times over one connection. ${MANY} connections: \`wrk\` for the small file, \`curl\` for the large one. ` +
      'Peer: nginx with `sendfile`, serving the same file.',
    rows: [
      await compare('4 MiB, one connection', small, scale, (url) =>
        curl(Array<string>(SMALL_AT_ONCE).fill(url)),
      ),
      await compare(`4 MiB, ${MANY} connections`, small, scale, (url) => wrk(url, scale)),
      await compare(`${largeName}, one connection`, large, scale, (url) => curl([url])),
      await compare(`${largeName}, ${MANY} connections`, large, scale, parallel),
    ],
  };
}

interface Urls {
  readonly ours: string;
  readonly theirs: string;
}

/** @param measure bytes per second. */
async function compare(
  what: string,
  urls: Urls,
  { runs }: Scale,
  measure: (url: string) => Promise<number>,
): Promise<Row> {
  await measure(urls.ours);
  await measure(urls.theirs);
  const results = await repeat(runs, async () => {
    return { ours: await measure(urls.ours), theirs: await measure(urls.theirs) };
  });
  const ours = rate(results.map((result) => result.ours));
  const nginx = { name: 'nginx', figure: rate(results.map((result) => result.theirs)) };
  return { what, ours, peers: [nginx], target: atLeastShareOf(ours, nginx, MIN_SHARE), causeOfMiss: CAUSE };
}

/** Whole downloads at the same time. */
async function parallel(url: string): Promise<number> {
  const begin = performance.now();
  const bytes = await Promise.all(Array.from({ length: MANY }, () => curlBytes([url])));
  return bytes.reduce((sum, part) => sum + part, 0) / ((performance.now() - begin) / 1000);
}

async function wrk(url: string, { loadSeconds }: Scale): Promise<number> {
  const { bytesPerSecond } = await getLoad({ url, seconds: loadSeconds / 2, connections: MANY });
  return bytesPerSecond;
}

/** Downloads one after the other over one connection. */
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
