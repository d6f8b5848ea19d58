import { BadRequest, PayloadTooLarge } from '../src/domain/errors.ts';
import type { CommitOperation } from '../src/domain/version/commit-request.ts';
import { parseFolderPath, parseRepoPath } from '../src/git/path.ts';
import { decodeBase64 } from '../src/lib/base64.ts';
import { parseSha256 } from '../src/lib/sha256.ts';

/** How the content of a file travels. */
export const FILE_ENCODINGS = ['utf-8', 'base64'] as const;

/** What one commit of these doors holds; a body has a megabyte anyway. */
export const MAX_OPERATIONS = 1000;

/** An operation as clients write it. */
export type OperationInput =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly content: string;
      readonly encoding: (typeof FILE_ENCODINGS)[number];
    }
  | {
      readonly kind: 'lfsFile';
      readonly path: string;
      readonly sha256: string;
      readonly sizeBytes?: number | null | undefined;
    }
  | { readonly kind: 'deleteFile' | 'deleteFolder'; readonly path: string }
  | {
      readonly kind: 'copyFile';
      readonly path: string;
      readonly sourcePath: string;
      readonly sourceRevision?: string | null | undefined;
    };

/** @throws {BadRequest} @throws {InvalidPath} @throws {PayloadTooLarge} */
export function parseOperations(
  operations: readonly OperationInput[],
  { regularFileBytes }: { readonly regularFileBytes: number },
): readonly CommitOperation[] {
  if (operations.length > MAX_OPERATIONS)
    throw new BadRequest(`operations: a commit takes ${MAX_OPERATIONS} at most here.`);
  return operations.map((operation) => parseOperation(operation, regularFileBytes));
}

function parseOperation(operation: OperationInput, maxBytes: number): CommitOperation {
  switch (operation.kind) {
    case 'file':
      return { kind: 'file', path: parseRepoPath(operation.path), bytes: contentOf(operation, maxBytes) };
    case 'lfsFile': {
      const { kind, path, sha256, sizeBytes = null } = operation;
      if (sizeBytes !== null && sizeBytes < 0) throw new BadRequest('sizeBytes must not be negative.');
      return { kind, path: parseRepoPath(path), sha256: parseSha256(sha256.toLowerCase()), sizeBytes };
    }
    case 'deleteFile':
    case 'deleteFolder':
      return { kind: operation.kind, path: parseFolderPath(operation.path) };
    default: {
      const { kind, path, sourcePath, sourceRevision = null } = operation;
      return { kind, path: parseRepoPath(path), sourcePath: parseRepoPath(sourcePath), sourceRevision };
    }
  }
}

function contentOf(
  { path, content, encoding }: Extract<OperationInput, { kind: 'file' }>,
  maxBytes: number,
): Buffer {
  const bytes = encoding === 'base64' ? decodeBase64(content) : encodeText(content);
  if (!bytes) throw new BadRequest(`${path}: the content is not valid ${encoding}.`);
  if (bytes.length <= maxBytes) return bytes;
  throw new PayloadTooLarge(
    `${path} is larger than ${maxBytes} bytes. Upload it with Git LFS and commit it as an lfsFile.`,
  );
}

function encodeText(text: string): Buffer | null {
  return text.isWellFormed() ? Buffer.from(text, 'utf8') : null;
}
