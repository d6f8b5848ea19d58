import { tracked } from '@trpc/server';
import { z } from 'zod';
import type { RepoActivity } from '../../../src/domain/activity/activity.ts';
import { listenerOf } from '../../listener.ts';
import { activityDto } from '../dto/activity.dto.ts';
import { parseRepoRef, OfRepo } from '../inputs.ts';
import { publicProcedure, router, streamOf } from '../trpc.ts';

const OnRepoInput = OfRepo.extend({
  /** Clients send it when they come again: of the last event that they have. */
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/)
    .nullish(),
});

/** What happens on the hub, as it happens. */
export const activityRouter = router({
  /** First `started`, then whatever is committed; who comes again is told the refs that moved meanwhile, on the same day. */
  onRepo: publicProcedure.input(OnRepoInput).subscription(async function* ({ ctx, input }) {
    const afterReflogId = input.lastEventId ? Number(input.lastEventId) : null;
    const listener = { ...listenerOf(ctx), afterReflogId };
    let known = afterReflogId ?? 0;
    for await (const event of streamOf(
      ctx.services.activity.ofRepo(ctx.actor, parseRepoRef(input.repo), listener),
    )) {
      known = Math.max(known, knownBy(event, afterReflogId));
      yield tracked(String(known), activityDto(event));
    }
  }),
});

/** The newest movement of a ref that a reader knows with an event. `started` does not count for one who is told what he missed. */
function knownBy(event: RepoActivity, afterReflogId: number | null): number {
  if (event.kind === 'ref') return event.reflogId;
  return event.kind === 'started' && afterReflogId === null ? event.reflogId : 0;
}
