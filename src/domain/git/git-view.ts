import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAIN_REF } from '../version/ref-names.ts';
import type { StoreSnapshot } from './git-refs.queries.ts';

/** A repository for one run of git: the refs of one moment, over the objects of the cache. */
export interface GitView extends AsyncDisposable {
  readonly directory: string;
}

/**
 * Objects are sent as they lie. They are no deltas, and git would look for some between segments, anew for every clone: half a
 * minute for 100,000 files. One thread each, because many may run.
 */
const CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = true
[uploadpack]
\tallowFilter = true
\tallowReachableSHA1InWant = true
[pack]
\tthreads = 1
\twindow = 0
`;

/**
 * Writes the view into a new directory below `root`. Disposing of it removes it.
 * @param objectsDirectory where the packs are; absolute.
 */
export async function createGitView(
  root: string,
  { refs }: Pick<StoreSnapshot, 'refs'>,
  objectsDirectory: string,
): Promise<GitView> {
  const directory = join(root, randomUUID());
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await mkdir(join(directory, 'objects', 'info'), { recursive: true });
    await mkdir(join(directory, 'refs'));
    await Promise.all([
      writeFile(join(directory, 'HEAD'), `ref: ${MAIN_REF}\n`),
      writeFile(join(directory, 'config'), CONFIG),
      writeFile(join(directory, 'objects', 'info', 'alternates'), `${quoted(objectsDirectory)}\n`),
      writeFile(join(directory, 'packed-refs'), packedRefs(refs)),
    ]);
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory, [Symbol.asyncDispose]: remove };
}

function packedRefs(refs: StoreSnapshot['refs']): string {
  return `# pack-refs with: sorted \n${refs.map(({ name, oid }) => `${oid} ${name}\n`).join('')}`;
}

/** As gitrepository-layout takes paths with unusual characters: C-style, in quotes. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}
