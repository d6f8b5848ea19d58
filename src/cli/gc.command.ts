import { Command } from 'commander';
import type { StoreReport } from '../domain/gc/gc.service.ts';
import { withHub } from './with-hub.ts';

interface GcOptions {
  readonly dryRun?: boolean;
  readonly repo?: string;
}

export function gcCommand(env: NodeJS.ProcessEnv): Command {
  return new Command('gc')
    .description('remove versions that nothing reaches any more, and tidy up where they lie')
    .option('--dry-run', 'say what would be freed; change nothing')
    .option('--repo <repo>', 'only this one, such as model:alice/bert or dataset:alice/squad')
    .addHelpText(
      'after',
      '\nThe hub does this by itself. What was reachable within KOHAKU_HUB_GC_GRACE_MS stays.',
    )
    .action((options: GcOptions) => collectGarbage(env, options));
}

async function collectGarbage(env: NodeJS.ProcessEnv, { dryRun = false, repo }: GcOptions): Promise<void> {
  const { insteadOfGitGc } = await import('../jobs/git-gc.job.ts');
  const { runLfsSweep } = await import('../jobs/lfs-sweep.job.ts');
  const summary = await withHub(env, async (hub) => {
    const run = {
      repo: repo ?? null,
      isDryRun: dryRun,
      onReport: (report: StoreReport) => print(report, dryRun),
    };
    const { gc } = hub.services();
    if (dryRun) return { ...(await gc.runAsOperator(run)), sweptKeys: 0 };
    const done = await insteadOfGitGc(hub.deps.sql, () => gc.runAsOperator(run));
    const { sweptKeys } = await runLfsSweep(hub.deps);
    return { ...done, sweptKeys };
  });
  const swept = dryRun ? '' : ` Deleted the bytes of ${summary.sweptKeys} unneeded object(s).`;
  console.log(`Looked after ${summary.stores} repositories.${swept}`);
}

function print({ label, freed, compacted, isComplete }: StoreReport, isDryRun: boolean): void {
  const parts: string[] = [];
  if (freed.objects > 0 || freed.lfsObjects > 0) {
    parts.push(
      `${isDryRun ? 'would free' : 'freed'} ${freed.objects} objects (${freed.commits} commits, ${freed.blobBytes} bytes of files) ` +
        `and ${freed.lfsObjects} LFS objects (${freed.lfsBytes} bytes)`,
    );
  }
  if (compacted.replacedSegments > 0) {
    parts.push(
      `${isDryRun ? 'would merge' : 'merged'} ${compacted.replacedSegments} segments into ${compacted.newSegments}`,
    );
  }
  if (!isComplete) parts.push('writers kept it busy, so run this again');
  if (parts.length > 0) console.log(`${label}: ${parts.join('; ')}`);
}
