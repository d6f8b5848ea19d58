import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { BenchHub } from './support/bench-hub.ts';
import { run } from './support/command.ts';
import { type Content, CONTENTS, writeContent } from './support/contents.ts';
import { type Figure, medianOf, repeat, seconds } from './support/figures.ts';
import { peakResidentBytes } from './support/memory.ts';
import { type Protocol, PythonClient } from './support/python-client.ts';
import { atLeast, type Row, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { TempDir } from './support/temp-dir.ts';

/** For clients that know nothing of Xet, while all of the hub is on one core. */
const MIN_PLAIN_MB_PER_SECOND = 300;

/** Large files by Xet, beside the same transfer by Git LFS with the same client on the same hub. */
export async function xetTransfers({ xetFileBytes, runs }: Scale): Promise<Section> {
  await using dir = await TempDir.make();
  const client = await PythonClient.open(dir.file('home'));
  const rows: Row[] = [];
  for (const content of Object.keys(CONTENTS) as Content[]) {
    const file = dir.file(`${content.replaceAll(' ', '-')}.bin`);
    await writeContent(file, content, xetFileBytes);
    const [lfs, xet] = [
      await transfers(client, 'lfs', { dir, file, sizeBytes: xetFileBytes, runs }),
      await transfers(client, 'xet', { dir, file, sizeBytes: xetFileBytes, runs }),
    ];
    await rm(file);
    rows.push(...rowsOf(content, xet, lfs));
  }
  const size = `${(xetFileBytes / 1e6).toLocaleString('en-US')} MB`;
  return {
    title: `Files of ${size} by Xet`,
    method: `${await client.versions()}: \`upload_file\` from its call to its return, then \`hf_hub_download\` into an empty folder, each once, with empty caches and a fresh hub process whose peak resident memory (\`VmHWM\`) is read at the end. The client runs on the same cores. Peer: the same calls with \`HF_HUB_DISABLE_XET=1\`, which use Git LFS and plain HTTP. "Stored" is what the files in the object store take. "Plain download": \`curl\`, median of ${runs}, while the whole hub runs on one core and \`curl\` on any; the hub puts the file together from its xorbs. Peer: the same for the file that came by LFS, which the hub only passes on.`,
    rows,
  };
}

interface Transfers {
  readonly up: Figure;
  readonly down: Figure;
  readonly stored: Figure;
  readonly peakUp: Figure;
  readonly peakDown: Figure;
  readonly plain: Figure;
}

interface Subject {
  readonly dir: TempDir;
  readonly file: string;
  readonly sizeBytes: number;
  readonly runs: number;
}

async function transfers(client: PythonClient, protocol: Protocol, subject: Subject): Promise<Transfers> {
  const { dir, file, sizeBytes, runs } = subject;
  await using hub = await BenchHub.open();
  const repo = await hub.createModel(protocol);
  await hub.restart();
  const before = await storedBytes(hub);
  const upSeconds = await client.call(hub, protocol, ['upload', repo, file]);
  const peakUp = await peakResidentBytes(hub.pid);
  const stored = (await storedBytes(hub)) - before;
  await hub.restart();
  const folder = dir.file('down');
  const downSeconds = await client.call(hub, protocol, ['download', repo, basename(file), folder]);
  await run('cmp', [file, `${folder}/${basename(file)}`]);
  const peakDown = await peakResidentBytes(hub.pid);
  await rm(folder, { recursive: true });
  const plainSeconds = await plainDownloads(hub, `${hub.url}/${repo}/resolve/main/${basename(file)}`, runs);
  return {
    up: megabytes(sizeBytes, upSeconds),
    down: megabytes(sizeBytes, downSeconds),
    stored: { value: stored / 1e6, unit: 'MB' },
    peakUp: { value: peakUp / 1e6, unit: 'MB' },
    peakDown: { value: peakDown / 1e6, unit: 'MB' },
    plain: medianOf(
      plainSeconds.map((duration) => megabytes(sizeBytes, duration).value),
      'MB/s',
    ),
  };
}

/** How long `curl` takes, in seconds, while the whole hub is on one core. */
async function plainDownloads(hub: BenchHub, url: string, runs: number): Promise<number[]> {
  // The hub cuts a file that came by LFS into chunks on the same core: a warm hub has done so.
  await hub.presentedToXet(url);
  await run('taskset', ['--all-tasks', '--cpu-list', '--pid', '0', String(hub.pid)]);
  const download = () => run('curl', ['-sfL', '-o', '/dev/null', url]);
  await download();
  return repeat(runs, () => seconds(download));
}

async function storedBytes(hub: BenchHub): Promise<number> {
  const text = await run('du', ['-sb', `${hub.dataDir}/objects`]);
  return Number.parseInt(text, 10);
}

function rowsOf(content: Content, xet: Transfers, lfs: Transfers): Row[] {
  const row = (what: string, figure: keyof Transfers): Row => ({
    what: `${content}: ${what}`,
    ours: xet[figure],
    peers: [{ name: 'by LFS', figure: lfs[figure] }],
  });
  return [
    row('upload', 'up'),
    row('download', 'down'),
    {
      ...row('plain download, hub on one core', 'plain'),
      target: atLeast(xet.plain, MIN_PLAIN_MB_PER_SECOND),
    },
    row('stored', 'stored'),
    row('peak memory of the hub, upload', 'peakUp'),
    row('peak memory of the hub, download', 'peakDown'),
  ];
}

function megabytes(bytes: number, duration: number): Figure {
  return { value: bytes / 1e6 / duration, unit: 'MB/s' };
}
