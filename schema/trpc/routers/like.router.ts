import { likedDto, likerDto } from '../dto/like.dto.ts';
import { entriesCost } from '../budget.ts';
import { OfRepo, OfUser, PageInput, parseRepoRef } from '../inputs.ts';
import { costs, procedure, publicProcedure, router } from '../trpc.ts';

/** Who likes what. Changes answer with the number of likes; doing them again changes nothing. */
export const likeRouter = router({
  isLiked: publicProcedure
    .input(OfRepo)
    .query(({ ctx: { services, actor }, input }) => services.likes.isLiked(actor, parseRepoRef(input.repo))),
  likers: publicProcedure
    .input(OfRepo.extend(PageInput.shape))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.likes.likers(actor, parseRepoRef(input.repo), input);
      return { items: items.map(likerDto), nextCursor };
    }),
  ofUser: publicProcedure
    .input(OfUser.extend(PageInput.shape))
    .use(costs(({ limit }) => entriesCost(limit)))
    .query(async ({ ctx: { services, actor }, input: { username, ...page } }) => {
      const { items, nextCursor } = await services.likes.likedBy(actor, username, page);
      return { items: items.map(likedDto), nextCursor };
    }),
  like: procedure
    .input(OfRepo)
    .mutation(({ ctx: { services, actor }, input }) => services.likes.like(actor, parseRepoRef(input.repo))),
  unlike: procedure
    .input(OfRepo)
    .mutation(({ ctx: { services, actor }, input }) =>
      services.likes.unlike(actor, parseRepoRef(input.repo)),
    ),
});
