import * as errors from '../../../src/domain/errors.ts';
import type { OrgFacts } from '../../../src/domain/org/org.queries.ts';
import { builder } from '../builder.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { failsWith } from '../errors.ts';
import { parseTexts } from '../json-input.ts';
import { batched } from '../nested.ts';
import { OrganizationNode } from './account.ts';

const factsOf = batched<number, OrgFacts | null>((ids, { services }) => services.orgInfo.factsOf(ids));

builder.objectFields(OrganizationNode, (t) => ({
  description: t.string({
    nullable: true,
    resolve: async ({ id }, _args, context) => (await factsOf(id, context))?.description ?? null,
  }),
  memberCount: t.int({
    resolve: async ({ id }, _args, context) => (await factsOf(id, context))?.memberCount ?? 0,
  }),
}));

const CreateOrganizationInput = builder.inputType('CreateOrganizationInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    description: t.string(),
  }),
});

const UpdateOrganizationInput = builder.inputType('UpdateOrganizationInput', {
  description: 'A field that is left out stays as it is; null clears it.',
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    fullName: t.string(),
    description: t.string(),
    bio: t.string(),
    website: t.string({ description: 'An http or https URL' }),
    socialLinks: t.field({ type: 'JSON', description: 'Names or addresses by network, such as `github`' }),
  }),
});

const RenameOrganizationInput = builder.inputType('RenameOrganizationInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    to: t.string({ required: true, description: 'Its new name' }),
  }),
});

const DeleteOrganizationInput = builder.inputType('DeleteOrganizationInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    endsRedirects: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Give up former names of repositories that were moved elsewhere',
    }),
  }),
});

builder.mutationFields((t) => ({
  createOrganization: t.field({
    type: OrganizationNode,
    ...failsWith(errors.Conflict),
    args: { input: t.arg({ type: CreateOrganizationInput, required: true }) },
    resolve: async (_root, { input: { organization, description } }, { services, actor }) => {
      const { name } = await services.orgs.create(actor, { name: organization, description });
      return services.orgInfo.profile(name);
    },
  }),
  updateOrganization: t.field({
    type: OrganizationNode,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: UpdateOrganizationInput, required: true }) },
    resolve: async (_root, { input: { organization, socialLinks, ...texts } }, { services, actor }) => {
      const change = { ...texts, socialLinks: parseTexts(socialLinks, 'socialLinks') };
      await services.orgs.updateProfile(actor, organization, change);
      return services.orgInfo.profile(organization);
    },
  }),
  renameOrganization: t.field({
    type: OrganizationNode,
    description: 'Its old names lead to the new one',
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: RenameOrganizationInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const { name } = await services.orgs.rename(actor, input.organization, input.to);
      return services.orgInfo.profile(name);
    },
  }),
  deleteOrganization: t.field({
    type: DeletedObject,
    description: 'Of an organization without repositories',
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: DeleteOrganizationInput, required: true }) },
    resolve: async (_root, { input: { organization, endsRedirects } }, { services, actor }) =>
      deleted('Organization', await services.orgs.delete(actor, organization, { endsRedirects })),
  }),
}));
