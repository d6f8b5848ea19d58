import { z } from 'zod';
import { MAX_BATCH_OBJECTS } from '../../../src/domain/lfs/lfs-batch.ts';
import { MAX_PROGRESS_OBJECTS } from '../../../src/domain/lfs/upload-progress.service.ts';
import { parseRepoPath } from '../../../src/git/path.ts';
import { parseSha256 } from '../../../src/lib/sha256.ts';
import { listenerOf } from '../../listener.ts';
import { beginDto, preuploadDto, progressDto } from '../dto/upload.dto.ts';
import { entriesCost } from '../budget.ts';
import { OfRepo, parseRepoRef, Revision } from '../inputs.ts';
import { costs, procedure, router, streamOf } from '../trpc.ts';

const Sha256Text = z.string().length(64);
const Bytes = z.int().min(0);

const PreuploadInput = OfRepo.extend({
  branch: Revision.default('main'),
  createsPullRequest: z.boolean().default(false),
  files: z
    .array(
      z.object({
        path: z.string().max(4096),
        sizeBytes: Bytes,
        sha256: Sha256Text.nullable().default(null),
      }),
    )
    .max(1000),
  /** Of the folder that is uploaded, when they are not among the files. */
  gitIgnore: z.string().max(1_000_000).nullable().default(null),
  gitAttributes: z.string().max(1_000_000).nullable().default(null),
});

const BeginInput = OfRepo.extend({
  /** The branch that will be committed to; null for a pull request. */
  branch: Revision.nullable().default('main'),
  objects: z
    .array(z.object({ sha256: Sha256Text, sizeBytes: Bytes }))
    .min(1)
    .max(MAX_BATCH_OBJECTS),
});

const Token = z.string().max(2000);

const CompleteInput = z.object({
  sha256: Sha256Text,
  token: Token,
  parts: z
    .array(z.object({ partNumber: z.int().min(1).max(10_000), etag: z.string().min(1).max(200) }))
    .max(10_000),
});

const VerifyInput = OfRepo.extend({
  sha256: Sha256Text,
  sizeBytes: Bytes,
  token: Token.nullable().default(null),
});

const ProgressInput = OfRepo.extend({
  sha256s: z.array(Sha256Text).min(1).max(MAX_PROGRESS_OBJECTS),
});

/**
 * Uploads from a browser: `preupload` says which files travel in the commit and which as objects, `begin` where the bytes go, plain PUTs
 * bring them, `complete` joins parts, `verify` has them checked, and `commits.create` names them.
 */
export const uploadRouter = router({
  preupload: procedure.input(PreuploadInput).mutation(async ({ ctx: { services, actor }, input }) => {
    const { branch, createsPullRequest, gitIgnore, gitAttributes } = input;
    const files = input.files.map(({ path, sizeBytes, sha256 }) => ({
      path: parseRepoPath(path),
      sizeBytes,
      sha256: sha256 === null ? null : parseSha256(sha256),
    }));
    const request = { files, rules: { gitIgnore, gitAttributes }, createsPullRequest };
    return preuploadDto(await services.preuploads.check(actor, parseRepoRef(input.repo), branch, request));
  }),
  begin: procedure
    .input(BeginInput)
    .mutation(async ({ ctx: { services, actor }, input: { repo, branch, objects } }) =>
      beginDto(
        await services.lfsBatch.batch(actor, parseRepoRef(repo), {
          operation: 'upload',
          objects: objects.map(({ sha256, sizeBytes }) => ({ oid: sha256, sizeBytes })),
          transfers: ['basic', 'multipart'],
          hashAlgo: 'sha256',
          refName: branch,
        }),
      ),
    ),
  complete: procedure
    .input(CompleteInput)
    .mutation(async ({ ctx: { services }, input: { token, sha256, parts } }) => {
      await services.lfsUploads.completeMultipart(token, { oid: sha256, parts });
    }),
  verify: procedure
    .input(VerifyInput)
    .mutation(async ({ ctx: { services, actor }, input: { repo, sha256, sizeBytes, token } }) => {
      await services.lfsUploads.verify(actor, parseRepoRef(repo), { oid: sha256, sizeBytes, token });
    }),
  /** How far the caller's uploads of these objects are now. */
  status: procedure
    .input(ProgressInput)
    .use(costs(({ sha256s }) => entriesCost(sha256s.length)))
    .query(async ({ ctx: { services, actor }, input }) =>
      progressDto(
        await services.uploadProgress.progress(
          actor,
          parseRepoRef(input.repo),
          input.sha256s.map(parseSha256),
        ),
      ),
    ),
  /** First as `status`, then the objects that changed; ends when all are verified. */
  progress: procedure.input(ProgressInput).subscription(async function* ({ ctx, input }) {
    const listener = { ...listenerOf(ctx), oids: input.sha256s.map(parseSha256) };
    const uploads = ctx.services.activity.ofUploads(ctx.actor, parseRepoRef(input.repo), listener);
    for await (const objects of streamOf(uploads)) yield progressDto(objects);
  }),
});
