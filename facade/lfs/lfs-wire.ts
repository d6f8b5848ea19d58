import { z } from 'zod';
import type {
  LfsAction,
  LfsBatchAnswer,
  LfsBatchRequest,
  LfsObjectAnswer,
} from '../../src/domain/lfs/lfs-batch.ts';
import type { DomainError } from '../../src/domain/errors.ts';
import { wireDate } from '../wire/dates.ts';
import { xetTokenHeaders } from '../wire/xet-token-headers.ts';
import { toWireError } from '../errors.ts';

/** https://github.com/git-lfs/git-lfs/blob/main/docs/api/README.md */
export const LFS_MEDIA_TYPE = 'application/vnd.git-lfs+json';

/** Names of SHA-256: git-lfs and huggingface_hub, and huggingface.js. */
const SHA256_NAMES: ReadonlySet<string> = new Set(['sha256', 'sha_256']);

/** What a bad field of one object is called: the LFS API keeps 400 for the request as a whole. */
const UNPROCESSABLE = 422;

/** The ref that the client is going to write. */
export const Ref = z.object({ name: z.string().max(1000) }).nullish();

export const BatchBody = z.object({
  operation: z.enum(['upload', 'download']),
  transfers: z.array(z.string().max(100)).max(20).optional(),
  objects: z.array(z.object({ oid: z.string().max(200), size: z.number() })),
  hash_algo: z.string().max(20).optional(),
  ref: Ref,
});

export const VerifyBody = z.object({ oid: z.string().max(200), size: z.number() });

export const CompleteBody = z.object({
  oid: z.string().max(200),
  parts: z
    .array(z.object({ partNumber: z.int().min(1).max(10_000), etag: z.string().min(1).max(200) }))
    .max(10_000),
});

/** The signed token in the query of a URL that a batch answer gave out. */
export const TokenQuery = z.object({ token: z.string().max(2000) });

export function batchRequest(body: z.output<typeof BatchBody>): LfsBatchRequest {
  return {
    operation: body.operation,
    objects: body.objects.map(({ oid, size }) => ({ oid, sizeBytes: size })),
    transfers: body.transfers ?? [],
    hashAlgo: hashAlgo(body.hash_algo ?? 'sha256'),
    refName: body.ref?.name ?? null,
  };
}

function hashAlgo(name: string): string {
  return SHA256_NAMES.has(name) ? 'sha256' : name;
}

export function presentBatch({ transfer, objects }: LfsBatchAnswer) {
  return { transfer, objects: objects.map(presentObject), hash_algo: 'sha256' };
}

function presentObject({ oid, sizeBytes, actions, error }: LfsObjectAnswer) {
  if (error) return { oid, size: sizeBytes, error: presentError(error) };
  if (!actions) return { oid, size: sizeBytes };
  const presented = Object.entries(actions).map(([name, action]) => [name, presentAction(action)] as const);
  return { oid, size: sizeBytes, actions: Object.fromEntries(presented) };
}

function presentAction({ href, header, xet, expiresAt }: LfsAction) {
  const xetHeader = xet && { ...xetTokenHeaders(xet), 'X-Xet-Session-Id': xet.sessionId };
  return {
    href,
    ...((header || xetHeader) && { header: { ...header, ...xetHeader } }),
    expires_at: wireDate(expiresAt),
  };
}

function presentError(error: DomainError) {
  const { status, message } = toWireError(error);
  return { code: status === 400 ? UNPROCESSABLE : status, message };
}
