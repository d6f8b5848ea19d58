import type { UserActor } from '../../../src/domain/actor.ts';
import { builder } from '../builder.ts';
import { UserNode } from './account.ts';

/** The caller: the entry to everything that is his. Files of other nouns add fields to it. */
export const ViewerObject = builder.objectRef<UserActor>('Viewer').implement({
  fields: (t) => ({
    user: t.field({
      type: UserNode,
      resolve: ({ name }, _args, { services }) => services.profiles.profile(name),
    }),
    isAdmin: t.exposeBoolean('isAdmin'),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerObject,
    nullable: true,
    description: 'Null for anonymous callers',
    resolve: (_root, _args, { actor }) => (actor.kind === 'user' ? actor : null),
  }),
);
