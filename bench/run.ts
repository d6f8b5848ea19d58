import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bulkCommits } from './bulk-commits.bench.ts';
import { commits } from './commits.bench.ts';
import { downloads } from './downloads.bench.ts';
import { firstParty } from './first-party.bench.ts';
import { git } from './git.bench.ts';
import { largeFiles } from './large-files.bench.ts';
import { requests } from './requests.bench.ts';
import { start } from './start.bench.ts';
import { requirePrograms } from './support/command.ts';
import { machineFacts } from './support/machine.ts';
import { type Section, sectionMarkdown } from './support/report.ts';
import { FULL, QUICK, type Scale } from './support/scale.ts';
import { treePages } from './tree-pages.bench.ts';
import { xetTransfers } from './xet-transfers.bench.ts';

/**
 * Measures the hub beside its peers, one subject after the other. A whole run writes `docs/benchmarks.md`; one of some
 * subjects replaces their sections there; a quick one only prints.
 *
 * usage: node bench/run.ts [--quick] [subject…]
 */

const SUBJECTS: Readonly<Record<string, (scale: Scale) => Promise<Section>>> = {
  start,
  requests,
  'first-party': firstParty,
  'tree-pages': treePages,
  commits,
  'bulk-commits': bulkCommits,
  downloads,
  'large-files': largeFiles,
  'xet-transfers': xetTransfers,
  git,
};
const REPORT = join(import.meta.dirname, '../docs/benchmarks.md');

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in SUBJECTS));
if (unknown.length > 0) {
  throw new Error(
    `There is no subject ${unknown.join(', ')}. There are ${Object.keys(SUBJECTS).join(', ')}.`,
  );
}
await requirePrograms();
const names = positionals.length > 0 ? positionals : Object.keys(SUBJECTS);
const measured = new Map<string, string>();
for (const name of names) {
  const started = performance.now();
  console.error(`measuring ${name} …`);
  const section = await SUBJECTS[name]!(values.quick ? QUICK : FULL);
  const text = sectionMarkdown(section);
  console.log(text);
  console.error(`${name} took ${((performance.now() - started) / 1000).toFixed(0)} s`);
  measured.set(section.title, text);
}
if (!values.quick) {
  const kept =
    positionals.length > 0 ? sectionsOf(await readFile(REPORT, 'utf8')) : new Map<string, string>();
  await writeFile(REPORT, await report([...new Map([...kept, ...measured]).values()]));
}

/** The sections of a written report, by their titles. */
function sectionsOf(text: string): Map<string, string> {
  const [, ...sections] = text.split(/^## /m);
  return new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')), `## ${section}`]));
}

async function report(sections: readonly string[]): Promise<string> {
  const facts = (await machineFacts()).map((fact) => `- ${fact}`);
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Each figure stands beside that of a peer measured in the same run, on the same machine, with the same data; the hub runs as `npm start` runs it, on its embedded PostgreSQL and a directory.',
    'Where runs differ, the extremes stand in parentheses.',
    '',
    ...facts,
    '',
    sections
      .map((section) => section.trimEnd())
      .join('\n\n')
      .trimEnd(),
    '',
  ].join('\n');
}
