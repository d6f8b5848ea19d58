import type { Config } from '../../../src/config.ts';
import type { DependencyHealth } from '../../../src/domain/ops/health.service.ts';
import { VERSION } from '../../../src/version.ts';
import { builder } from '../builder.ts';
import { enumOf } from '../enum.ts';

const DependencyEnum = enumOf('Dependency', ['database', 'storage'] as const);

const DependencyHealthObject = builder.objectRef<DependencyHealth>('DependencyHealth').implement({
  fields: (t) => ({
    name: t.expose('name', { type: DependencyEnum }),
    isUp: t.exposeBoolean('isUp'),
    latencyMs: t.exposeInt('latencyMs'),
  }),
});

const SiteObject = builder.objectRef<Config>('Site').implement({
  description: 'The hub itself, for everybody.',
  fields: (t) => ({
    name: t.exposeString('siteName'),
    version: t.string({ resolve: () => VERSION }),
    baseUrl: t.exposeString('baseUrl'),
    isInvitationOnly: t.boolean({
      description: 'Nobody makes an account without an invitation',
      resolve: ({ auth }) => auth.invitationOnly,
    }),
    requiresEmailVerification: t.boolean({
      description: 'Nobody logs in before his address is verified',
      resolve: ({ auth }) => auth.requireEmailVerification,
    }),
    health: t.field({
      type: [DependencyHealthObject],
      description: 'What the hub cannot work without, asked at this moment',
      complexity: 50,
      resolve: (_site, _args, { services }) => services.health.check(),
    }),
  }),
});

builder.queryField('site', (t) =>
  t.field({ type: SiteObject, resolve: (_root, _args, { config }) => config }),
);
