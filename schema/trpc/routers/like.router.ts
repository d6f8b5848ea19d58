import { likedDto, likerDto } from '../dto/like.dto.ts';
import { NameText, PageInput, parseRepoRef, RepoRefInput } from '../inputs.ts';
import { procedure, publicProcedure, router } from '../trpc.ts';

/** Who likes what. Changes answer with the number of likes; doing them again changes nothing. */
export const likeRouter = router({
  isLiked: publicProcedure
    .input(RepoRefInput)
    .query(({ ctx: { services, actor }, input }) => services.likes.isLiked(actor, parseRepoRef(input))),
  likers: publicProcedure
    .input(RepoRefInput.extend(PageInput.shape))
    .query(async ({ ctx: { services, actor }, input }) => {
      const { items, nextCursor } = await services.likes.likers(actor, parseRepoRef(input), input);
      return { items: items.map(likerDto), nextCursor };
    }),
  ofUser: publicProcedure
    .input(PageInput.extend({ username: NameText }))
    .query(async ({ ctx: { services, actor }, input: { username, ...page } }) => {
      const { items, nextCursor } = await services.likes.likedBy(actor, username, page);
      return { items: items.map(likedDto), nextCursor };
    }),
  like: procedure
    .input(RepoRefInput)
    .mutation(({ ctx: { services, actor }, input }) => services.likes.like(actor, parseRepoRef(input))),
  unlike: procedure
    .input(RepoRefInput)
    .mutation(({ ctx: { services, actor }, input }) => services.likes.unlike(actor, parseRepoRef(input))),
});
