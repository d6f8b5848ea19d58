import * as errors from '../../../src/domain/errors.ts';
import type { ExternalTokenInfo } from '../../../src/domain/fallback/external-token.service.ts';
import { FALLBACK_SOURCE_TYPES } from '../../../src/domain/fallback/fallback-source.entity.ts';
import type { AvailableSource } from '../../../src/domain/fallback/fallback-source.service.ts';
import { requireUser } from '../../../src/domain/actor.ts';
import { builder } from '../builder.ts';
import { enumOf } from '../enum.ts';
import { failsWith } from '../errors.ts';
import { ViewerObject } from './viewer.ts';

const FallbackSourceTypeEnum = enumOf('FallbackSourceType', FALLBACK_SOURCE_TYPES);

const FallbackSourceObject = builder.objectRef<AvailableSource>('FallbackSource').implement({
  description: 'Another hub that this one knows.',
  fields: (t) => ({
    url: t.exposeString('url'),
    name: t.exposeString('name'),
    sourceType: t.expose('sourceType', { type: FallbackSourceTypeEnum }),
    priority: t.exposeInt('priority', { description: 'Lowest first' }),
  }),
});

const ExternalTokenObject = builder.objectRef<ExternalTokenInfo>('ExternalToken').implement({
  description: 'A token of the caller for another hub.',
  fields: (t) => ({
    url: t.exposeString('url'),
    tokenPreview: t.exposeString('tokenPreview', { description: 'Its first four characters' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
});

builder.queryField('fallbackSources', (t) =>
  t.field({
    type: [FallbackSourceObject],
    resolve: (_root, _args, { services }) => services.fallbackSources.available(),
  }),
);

builder.objectField(ViewerObject, 'externalTokens', (t) =>
  t.field({
    type: [ExternalTokenObject],
    description: 'At most 50, by address',
    resolve: ({ name }, _args, { services, actor }) => services.externalTokens.list(actor, name),
  }),
);

/** All tokens of the caller after a change. */
const ExternalTokensPayload = builder
  .objectRef<readonly ExternalTokenInfo[]>('ExternalTokensPayload')
  .implement({
    fields: (t) => ({ tokens: t.field({ type: [ExternalTokenObject], resolve: (tokens) => tokens }) }),
  });

const SaveExternalTokenInput = builder.inputType('SaveExternalTokenInput', {
  fields: (t) => ({
    url: t.string({ required: true, description: 'Address of the other hub' }),
    token: t.string({ required: true }),
  }),
});

const ReplaceExternalTokensInput = builder.inputType('ReplaceExternalTokensInput', {
  fields: (t) => ({ tokens: t.field({ type: [SaveExternalTokenInput], required: true }) }),
});

const DeleteExternalTokenInput = builder.inputType('DeleteExternalTokenInput', {
  fields: (t) => ({ url: t.string({ required: true }) }),
});

builder.mutationFields((t) => ({
  saveExternalToken: t.field({
    type: ExternalTokensPayload,
    description: 'Adds a token, or replaces the one for the same hub',
    ...failsWith(),
    args: { input: t.arg({ type: SaveExternalTokenInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const { name } = requireUser(actor);
      await services.externalTokens.save(actor, name, input);
      return services.externalTokens.list(actor, name);
    },
  }),
  replaceExternalTokens: t.field({
    type: ExternalTokensPayload,
    description: 'All at once, or none',
    ...failsWith(),
    args: { input: t.arg({ type: ReplaceExternalTokensInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const { name } = requireUser(actor);
      await services.externalTokens.replace(actor, name, input.tokens);
      return services.externalTokens.list(actor, name);
    },
  }),
  deleteExternalToken: t.field({
    type: ExternalTokensPayload,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: DeleteExternalTokenInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const { name } = requireUser(actor);
      await services.externalTokens.delete(actor, name, input.url);
      return services.externalTokens.list(actor, name);
    },
  }),
}));
