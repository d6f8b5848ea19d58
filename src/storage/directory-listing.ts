import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPresent } from './directory-files.ts';
import { parseObjectKey } from './keys.ts';
import type { ListedObject, ListOptions, ObjectPage } from './object-store.ts';

const MAX_PAGE = 1000;

/** One page of the tree below `root` in the order of S3: by the bytes of the whole key. */
export async function listDirectory(root: string, options: ListOptions): Promise<ObjectPage> {
  const limit = Math.min(options.limit ?? MAX_PAGE, MAX_PAGE);
  const objects: ListedObject[] = [];
  for await (const key of keysBelow(root, '', options)) {
    if (objects.length === limit) return { objects, nextCursor: objects.at(-1)?.key ?? null };
    const found = await ifPresent(stat(join(root, key)));
    if (found !== null) {
      objects.push({ key: parseObjectKey(key), sizeBytes: found.size, modifiedAt: found.mtime });
    }
  }
  return { objects, nextCursor: null };
}

async function* keysBelow(root: string, directory: string, options: ListOptions): AsyncGenerator<string> {
  const { prefix, cursor = '' } = options;
  const entries = (await ifPresent(readdir(join(root, directory), { withFileTypes: true }))) ?? [];
  for (const name of entries.map(nameInKey).sort(byCodeUnit)) {
    const path = directory + name;
    if (name.endsWith('/')) {
      const onTheWay = path.startsWith(prefix) || prefix.startsWith(path);
      const passed = path < cursor && !cursor.startsWith(path);
      if (onTheWay && !passed) yield* keysBelow(root, path, options);
    } else if (path.startsWith(prefix) && path > cursor) {
      yield path;
    }
  }
}

/** A directory sorts as the keys below it do, so it carries its slash. */
function nameInKey(entry: Dirent): string {
  return entry.isDirectory() ? `${entry.name}/` : entry.name;
}

function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
