import type { FastifyPluginAsync } from 'fastify';
import { commitRoute } from './commit.route.ts';
import { commitsRoute } from './commits.route.ts';
import { createBranchRoute } from './create-branch.route.ts';
import { createTagRoute } from './create-tag.route.ts';
import { deleteBranchRoute } from './delete-branch.route.ts';
import { deleteTagRoute } from './delete-tag.route.ts';
import { pathsInfoRoute } from './paths-info.route.ts';
import { preuploadRoute } from './preupload.route.ts';
import { refsRoute } from './refs.route.ts';
import { resolveRoute } from './resolve.route.ts';
import { treeRoute } from './tree.route.ts';

/** The Hugging Face Hub API, as huggingface_hub and huggingface.js speak it. */
export const hubDoor: FastifyPluginAsync = async (app) => {
  await app.register(treeRoute);
  await app.register(pathsInfoRoute);
  await app.register(refsRoute);
  await app.register(commitsRoute);
  await app.register(createBranchRoute);
  await app.register(deleteBranchRoute);
  await app.register(createTagRoute);
  await app.register(deleteTagRoute);
  await app.register(preuploadRoute);
  await app.register(commitRoute);
  await app.register(resolveRoute);
};
