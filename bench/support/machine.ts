import { cpus, totalmem } from 'node:os';
import { findPostgresBinaries } from '../../src/db/postgres-binaries.ts';
import { run } from './command.ts';

/** What the figures were measured on and with. */
export async function machineFacts(): Promise<string[]> {
  const { postgres } = await findPostgresBinaries(null);
  const cores = cpus();
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  const programs = await Promise.all([
    run(postgres, ['--version']),
    run('git', ['--version']),
    run('sh', ['-c', 'nginx -v 2>&1']),
    run('sh', ['-c', 'wrk -v 2>&1 | head -1; true']),
  ]);
  return [
    new Date().toISOString().slice(0, 10),
    `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${memoryGib} GiB of memory, ${process.platform} ${process.arch}`,
    `Node ${process.versions.node}; ${programs.map((text) => text.trim()).join('; ')}`,
  ];
}
