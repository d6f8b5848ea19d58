import { BenchHub } from './support/bench-hub.ts';
import { medianOf, repeat, seconds } from './support/figures.ts';
import { GitRepo } from './support/git-repo.ts';
import { peakResidentBytes } from './support/memory.ts';
import { below, type Row, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import { type FileSet, jsonContent, writeCommit, writeFastImport } from './support/small-files.ts';
import { TempDir } from './support/temp-dir.ts';

type BulkCommit = Scale['bulkCommits'][number];

/** Many small files in one commit. */
export async function bulkCommits(scale: Scale): Promise<Section> {
  const rows: Row[] = [];
  for (const bulk of scale.bulkCommits) rows.push(...(await bulkRows(bulk, scale)));
  return {
    title: 'Many files in one commit',
    method:
      `JSON files of about 2 KB, 1,000 in each folder, in one request to a new repository; from the first byte sent to the answer, median of ${scale.runs}. ` +
      'Peer: `git fast-import --depth=0` of the same files into a new bare repository with `core.fsync=all` and the same compression.',
    rows,
  };
}

async function bulkRows({ files: count, maxSeconds }: BulkCommit, { runs }: Scale): Promise<Row[]> {
  await using hub = await BenchHub.open();
  await using dir = await TempDir.make();
  const files: FileSet = { count, content: jsonContent };
  await writeCommit(dir.file('commit'), files);
  await writeFastImport(dir.file('import'), files);
  const times = await repeat(runs, async (run) => {
    const repo = await hub.createModel(`bulk-${run}`);
    const git = await GitRepo.init(dir.file(`git-${run}`));
    return {
      ours: await seconds(() => hub.commit(repo, { file: dir.file('commit') })),
      theirs: await seconds(() => git.importFile(dir.file('import'))),
    };
  });
  const ours = medianOf(
    times.map((time) => time.ours),
    's',
  );
  const theirs = medianOf(
    times.map((time) => time.theirs),
    's',
  );
  const what = `${count.toLocaleString('en-US')} files`;
  const peak = (await peakResidentBytes(hub.pid)) / 1e6;
  return [
    {
      what,
      ours,
      peers: [{ name: 'git fast-import', figure: theirs }],
      target: below(ours, maxSeconds),
    },
    { what: `${what}: peak memory of the hub`, ours: { value: peak, unit: 'MB' }, peers: [] },
  ];
}
