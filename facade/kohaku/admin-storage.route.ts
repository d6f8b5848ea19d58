import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ACCOUNT_KINDS } from '../../src/domain/account/account.entity.ts';
import { bytes, tags } from './admin-wire.ts';
import { percentage } from './quota-wire.ts';

const stored = z.object({ count: z.int(), bytes });
const kind = z.enum(ACCOUNT_KINDS);

const Answer = z.object({
  stored: z.object({
    segments: stored.describe('Git packs in the object store'),
    inline_segments: stored.describe('Git packs in the database'),
    lfs_objects: stored.describe('Files of Git LFS that are kept as they are'),
    xorbs: stored.describe('Chunks of Xet'),
  }),
  charged: z
    .object({ private_bytes: bytes, public_bytes: bytes })
    .describe('To all namespaces; what repositories share counts for each'),
  full_namespaces: z.array(
    z.object({
      namespace: z.string(),
      kind,
      visibility: z.enum(['private', 'public']),
      used_bytes: bytes,
      quota_bytes: bytes,
      percentage_used: z.number().nullable(),
    }),
  ),
  top_consumers: z.array(
    z.object({ namespace: z.string(), kind, private_used_bytes: bytes, public_used_bytes: bytes }),
  ),
});

/** GET /api/admin/storage: where the bytes are, and whose. */
export const adminStorageRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/admin/storage',
    { schema: { summary: 'What is stored, and whose it is', tags, response: { 200: Answer } } },
    async ({ scope: { services, actor } }) => {
      const { stored, charged, fullNamespaces, topConsumers } =
        await services.storageOverview.overview(actor);
      return {
        stored: {
          segments: stored.storedSegments,
          inline_segments: stored.inlineSegments,
          lfs_objects: stored.lfsObjects,
          xorbs: stored.xorbs,
        },
        charged: { private_bytes: charged.privateBytes, public_bytes: charged.publicBytes },
        full_namespaces: fullNamespaces.map(({ name, kind, visibility, usedBytes, quotaBytes }) => ({
          namespace: name,
          kind,
          visibility,
          used_bytes: usedBytes,
          quota_bytes: quotaBytes,
          percentage_used: percentage(usedBytes, quotaBytes),
        })),
        top_consumers: topConsumers.map(({ name, kind, privateUsedBytes, publicUsedBytes }) => ({
          namespace: name,
          kind,
          private_used_bytes: privateUsedBytes,
          public_used_bytes: publicUsedBytes,
        })),
      };
    },
  );
};
