import type { LfsAction, LfsBatchAnswer, LfsObjectAnswer } from '../../../src/domain/lfs/lfs-batch.ts';
import type { UploadProgress } from '../../../src/domain/lfs/upload-progress.service.ts';
import type { PreuploadResult } from '../../../src/domain/upload/preupload.service.ts';

export function preuploadDto({ commitOid, files }: PreuploadResult) {
  return {
    commitOid: commitOid as string,
    files: files.map(({ path, uploadMode, shouldIgnore, oid }) => ({
      path: path as string,
      uploadMode,
      shouldIgnore,
      /** What the path holds now: the SHA-256 of an LFS file, the Git blob id of a regular one, null when it is new. */
      oid: oid as string | null,
    })),
  };
}

/** What is to be done for each object. */
export function beginDto({ objects }: LfsBatchAnswer) {
  return { objects: objects.map(objectDto) };
}

function objectDto({ oid: sha256, sizeBytes, actions, error }: LfsObjectAnswer) {
  if (error)
    return {
      sha256,
      sizeBytes,
      state: 'refused' as const,
      error: { code: error.code, message: error.message },
    };
  if (!actions?.upload) return { sha256, sizeBytes, state: 'here' as const };
  const { upload, verify } = actions;
  return {
    sha256,
    sizeBytes,
    state: 'upload' as const,
    /** PUT each part of the file, in their order, to its URL, and keep the `ETag` of each answer. */
    parts: partsOf(upload, sizeBytes),
    /** Whether `uploads.complete` joins the parts; a file in one piece needs no more than its PUT. */
    isMultipart: upload.header !== undefined,
    /** For `uploads.complete` and `uploads.verify`. */
    token: verify?.token ?? null,
    expiresAt: upload.expiresAt.toISOString(),
  };
}

/** The domain names parts as git-lfs wants them: beside `chunk_size`, under their numbers. */
function partsOf({ href, header }: LfsAction, sizeBytes: number) {
  if (!header) return [{ partNumber: 1, offsetBytes: 0, sizeBytes, url: href }];
  const { chunk_size: chunkSize, ...urls } = header;
  const partBytes = Number(chunkSize);
  return Object.entries(urls)
    .map(([number, url]) => ({ partNumber: Number(number), url }))
    .toSorted((a, b) => a.partNumber - b.partNumber)
    .map(({ partNumber, url }) => {
      const offsetBytes = (partNumber - 1) * partBytes;
      return { partNumber, offsetBytes, sizeBytes: Math.min(partBytes, sizeBytes - offsetBytes), url };
    });
}

export function progressDto(objects: readonly UploadProgress[]) {
  return {
    objects: objects.map(({ oid, ...progress }) => ({ sha256: oid as string, ...progress })),
  };
}
