import type { RepoFile, RepoInfo } from '../../../src/domain/repo/repo-info.service.ts';
import type { LfsTarget, TreeItem } from '../../../src/domain/version/values.ts';

/** What an LFS pointer points to. */
export function lfsDto({ sha256, sizeBytes, pointerSizeBytes }: LfsTarget) {
  return { sha256: sha256 as string, sizeBytes, pointerSizeBytes };
}

/** A file or folder of a revision. */
export function treeItemDto(item: TreeItem) {
  const { lastCommit } = item;
  const common = {
    path: item.path,
    oid: item.oid as string,
    lastCommit: lastCommit
      ? {
          oid: lastCommit.oid as string,
          title: lastCommit.title,
          committedAt: lastCommit.committedAt.toISOString(),
        }
      : null,
  };
  if (item.kind === 'folder') return { kind: 'folder' as const, ...common };
  return {
    kind: 'file' as const,
    ...common,
    mode: item.mode as string,
    sizeBytes: item.sizeBytes,
    lfs: item.lfs && lfsDto(item.lfs),
    xetHash: (item.xetHash as string | undefined) ?? null,
  };
}

/** The files of a revision, all at once. */
export function repoFilesDto({ commitOid, files }: RepoInfo) {
  return { commitOid: commitOid as string | null, files: files?.map(repoFileDto) ?? null };
}

/** Size and LFS target are null when only paths were asked for. */
function repoFileDto({ path, oid, sizeBytes, lfs }: RepoFile) {
  return {
    path,
    oid: (oid as string | undefined) ?? null,
    sizeBytes: sizeBytes ?? null,
    lfs: lfs ? lfsDto(lfs) : null,
  };
}
