import { hash } from 'node:crypto';
import type { FoundCommit, FoundRange } from '../../src/domain/history/diff.service.ts';
import { unifiedText } from '../../src/domain/history/file-diffs.ts';
import type { ChangeKind, FileChange, FileDiff } from '../../src/domain/history/values.ts';
import { wireDate } from './dates.ts';

const TYPES = {
  added: 'added',
  deleted: 'removed',
  modified: 'changed',
  renamed: 'renamed',
} as const satisfies Record<ChangeKind, string>;

/** One changed file. Sizes are those of the content, also of an LFS file; a removed file has the size that it had. */
export function presentChange({ kind, path, oldPath, before, after }: FileChange) {
  const lfs = after ? after.lfs : before?.lfs;
  return {
    path,
    type: TYPES[kind],
    path_type: 'object',
    mode: after?.mode ?? null,
    previous_mode: before?.mode ?? null,
    size_bytes: (after ?? before)?.sizeBytes ?? 0,
    is_lfs: lfs !== null && lfs !== undefined,
    ...(lfs && { sha256: lfs.sha256 }),
    ...(before && { previous_size: before.sizeBytes ?? 0 }),
    ...(before?.lfs && { previous_sha256: before.lfs.sha256 }),
    ...(oldPath !== null && { previous_path: oldPath }),
  };
}

/** The same with a unified diff, or the reason why there is none. */
export function presentDiff(file: FileDiff) {
  const { noText, addedLines, deletedLines } = file;
  return {
    ...presentChange(file),
    diff: unifiedText(file),
    ...(noText !== null && { diff_omitted: noText }),
    added_lines: addedLines,
    deleted_lines: deletedLines,
  };
}

/** A commit by itself, in the words of the existing hub. */
export function presentCommitDetail({ commit }: FoundCommit, files: readonly FileChange[]) {
  return {
    id: commit.oid,
    oid: commit.oid,
    title: commit.title,
    message: commit.message,
    description: commit.body,
    date: unixSeconds(commit.committedAt),
    committed_at: wireDate(commit.committedAt),
    authored_at: wireDate(commit.authoredAt),
    parents: commit.parents,
    author: commit.userName ?? commit.authorName,
    author_email: commit.authorEmail,
    committer: commit.committerName,
    committer_email: commit.committerEmail,
    metadata: {},
    files: files.map(presentChange),
  };
}

/** What a commit changed, against its first parent. */
export function presentCommitDiff({ commit }: FoundCommit, files: readonly FileDiff[]) {
  return {
    commit_id: commit.oid,
    parent_commit: commit.parents[0] ?? null,
    message: commit.message,
    author: commit.userName ?? commit.authorName,
    date: unixSeconds(commit.committedAt),
    files: files.map(presentDiff),
  };
}

/** How two revisions lie to each other; `files` are presented already, with or without texts. */
export function presentRange(range: FoundRange, files: readonly object[]) {
  return {
    base: range.baseOid,
    head: range.headOid,
    merge_base: range.mergeBaseOid,
    ahead_by: range.aheadCount,
    behind_by: range.behindCount,
    files,
  };
}

/** An ETag for an answer that follows from these values alone. */
export function etagOfValues(...values: readonly unknown[]): string {
  return `"${hash('sha256', JSON.stringify(values), 'base64url').slice(0, 27)}"`;
}

/** Kept by clients, and asked for again each time, because the right to see it may end. */
export function revalidated(etag: string): Record<string, string> {
  return { etag, 'cache-control': 'private, no-cache' };
}

function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
