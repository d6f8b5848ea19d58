import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { BenchHub } from './support/bench-hub.ts';
import { run } from './support/command.ts';
import { type Content, CONTENTS, writeContent } from './support/contents.ts';
import type { Figure } from './support/figures.ts';
import { peakResidentBytes } from './support/memory.ts';
import { type Protocol, PythonClient } from './support/python-client.ts';
import type { Row, Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { TempDir } from './support/temp-dir.ts';

/** Large files by Xet, beside the same transfer by Git LFS with the same client on the same hub. */
export async function xetTransfers({ xetFileBytes }: Scale): Promise<Section> {
  await using dir = await TempDir.make();
  const client = await PythonClient.open(dir.file('home'));
  const rows: Row[] = [];
  for (const content of Object.keys(CONTENTS) as Content[]) {
    const file = dir.file(`${content.replaceAll(' ', '-')}.bin`);
    await writeContent(file, content, xetFileBytes);
    const [lfs, xet] = [
      await transfers(client, 'lfs', { dir, file, sizeBytes: xetFileBytes }),
      await transfers(client, 'xet', { dir, file, sizeBytes: xetFileBytes }),
    ];
    await rm(file);
    rows.push(...rowsOf(content, xet, lfs));
  }
  const size = `${(xetFileBytes / 1e6).toLocaleString('en-US')} MB`;
  return {
    title: `Files of ${size} by Xet`,
    method: `${await client.versions()}: \`upload_file\` from its call to its return, then \`hf_hub_download\` into an empty folder, each once, with empty caches and a fresh hub process whose peak resident memory (\`VmHWM\`) is read at the end. The client runs on the same cores. Peer: the same calls with \`HF_HUB_DISABLE_XET=1\`, which use Git LFS and plain HTTP. "Stored" is what the files in the object store take.`,
    rows,
  };
}

interface Transfers {
  readonly up: Figure;
  readonly down: Figure;
  readonly stored: Figure;
  readonly peakUp: Figure;
  readonly peakDown: Figure;
}

interface Subject {
  readonly dir: TempDir;
  readonly file: string;
  readonly sizeBytes: number;
}

async function transfers(client: PythonClient, protocol: Protocol, subject: Subject): Promise<Transfers> {
  const { dir, file, sizeBytes } = subject;
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
  await rm(folder, { recursive: true });
  return {
    up: megabytes(sizeBytes, upSeconds),
    down: megabytes(sizeBytes, downSeconds),
    stored: { value: stored / 1e6, unit: 'MB' },
    peakUp: { value: peakUp / 1e6, unit: 'MB' },
    peakDown: { value: (await peakResidentBytes(hub.pid)) / 1e6, unit: 'MB' },
  };
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
    row('stored', 'stored'),
    row('peak memory of the hub, upload', 'peakUp'),
    row('peak memory of the hub, download', 'peakDown'),
  ];
}

function megabytes(bytes: number, duration: number): Figure {
  return { value: bytes / 1e6 / duration, unit: 'MB/s' };
}
