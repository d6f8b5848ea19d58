import { builder } from '../builder.ts';

/** The entry to everything that is for administrators of the hub. Files of its nouns add fields to it. */
export const AdminObject = builder.objectRef<object>('Admin').implement({
  description: 'For administrators of the hub.',
});

builder.queryField('admin', (t) =>
  t.field({
    type: AdminObject,
    nullable: true,
    authScopes: { siteAdmin: true },
    resolve: () => ({}),
  }),
);
