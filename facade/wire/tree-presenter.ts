import type { LastCommit, TreeItem } from '../../src/domain/version/values.ts';
import { wireDate } from './dates.ts';

/** A file or folder as `RepoFile` and `RepoFolder` of huggingface_hub parse it. */
export function presentTreeItem(item: TreeItem) {
  const lastCommit = item.lastCommit && { lastCommit: presentLastCommit(item.lastCommit) };
  if (item.kind === 'folder')
    return { type: 'directory' as const, oid: item.oid, size: 0, path: item.path, ...lastCommit };
  const lfs = item.lfs && {
    lfs: { oid: item.lfs.sha256, size: item.lfs.sizeBytes, pointerSize: item.lfs.pointerSizeBytes },
  };
  return {
    type: 'file' as const,
    oid: item.oid,
    size: item.sizeBytes,
    path: item.path,
    ...lfs,
    ...(item.xetHash && { xetHash: item.xetHash }),
    ...lastCommit,
  };
}

function presentLastCommit({ oid, title, committedAt }: LastCommit) {
  return { id: oid, title, date: wireDate(committedAt) };
}
