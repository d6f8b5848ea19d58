import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { repoRef } from '../wire/repo-params.ts';
import { REPO_SPELLINGS, RepoPath } from './repo-paths.ts';

const Params = RepoPath.extend({ branch: z.string().min(1).describe('Slashes as %2F') });
const Message = z.string().nullish();
const ExpectedHead = z.string().nullish().describe('Refused with 412 when the branch is not at this commit');

const RevertBody = z.object({
  ref: z.string().min(1).describe('The commit to take back'),
  parent_number: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe('Of a merge: which parent counts as the state before'),
  message: Message,
  allow_empty: z.boolean().default(false),
  expected_head: ExpectedHead,
});
const ResetBody = z.object({
  ref: z.string().min(1).describe('The revision whose files the branch shall have'),
  message: Message,
  force: z.boolean().default(false).describe('Needed for the default branch'),
  expected_head: ExpectedHead,
});

/** POST branch/{branch}/revert and …/reset, as the existing hub has them. Both add a commit; history stays. */
export const changeBranchRoute: FastifyPluginAsyncZod = async (app) => {
  for (const repoPath of REPO_SPELLINGS) {
    app.post(
      `${repoPath}/branch/:branch/revert`,
      { schema: { summary: 'Revert a commit', tags: ['history'], params: Params, body: RevertBody } },
      async (request) => {
        const { services, actor } = request.scope;
        const { ref, parent_number, message = null, allow_empty, expected_head = null } = request.body;
        const { branch } = request.params;
        const { commitOid } = await services.branches.revert(actor, repoRef(request.params), branch, {
          revision: ref,
          parentNumber: parent_number,
          message,
          allowsEmpty: allow_empty,
          expectedHead: expected_head,
        });
        return { success: true, message: `Commit ${ref} reverted on ${branch}`, new_commit_id: commitOid };
      },
    );
    app.post(
      `${repoPath}/branch/:branch/reset`,
      { schema: { summary: 'Reset a branch', tags: ['history'], params: Params, body: ResetBody } },
      async (request) => {
        const { services, actor } = request.scope;
        const { ref, message = null, force, expected_head = null } = request.body;
        const { branch } = request.params;
        const { commitOid, isNew } = await services.branches.reset(actor, repoRef(request.params), branch, {
          revision: ref,
          message,
          isForced: force,
          expectedHead: expected_head,
        });
        const text = isNew
          ? `Branch ${branch} reset to ${ref}`
          : `Branch ${branch} holds the files of ${ref} already`;
        return { success: true, message: text, commit_id: commitOid };
      },
    );
  }
};
