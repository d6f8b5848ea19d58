import type { FoundRange } from '../../../src/domain/history/diff.service.ts';
import { unifiedText } from '../../../src/domain/history/file-diffs.ts';
import type { FileChange, FileDiff, FileState } from '../../../src/domain/history/values.ts';
import { lfsDto } from './file.dto.ts';

/** How two revisions lie to each other. */
export function comparisonDto({ baseOid, headOid, mergeBaseOid, aheadCount, behindCount }: FoundRange) {
  return {
    baseOid: baseOid as string,
    headOid: headOid as string,
    /** Null without a common history. */
    mergeBaseOid: mergeBaseOid as string | null,
    aheadCount,
    behindCount,
  };
}

/** A file that two revisions do not share. */
export function fileChangeDto({ kind, path, oldPath, before, after }: FileChange) {
  return {
    kind,
    path,
    /** Of a renamed file. */
    oldPath,
    before: before && stateDto(before),
    after: after && stateDto(after),
  };
}

/** With its text. */
export function fileDiffDto(diff: FileDiff) {
  const { addedLines, deletedLines, noText } = diff;
  return {
    ...fileChangeDto(diff),
    /** A unified diff; empty when only name or mode changed, null with a reason in `noText`. */
    text: unifiedText(diff),
    addedLines,
    deletedLines,
    noText,
  };
}

/** What a path was on one side. */
function stateDto({ mode, oid, sizeBytes, lfs }: FileState) {
  return { mode: mode as string, oid: oid as string, sizeBytes, lfs: lfs && lfsDto(lfs) };
}
