import * as errors from '../../../src/domain/errors.ts';
import type { InvitationInfo } from '../../../src/domain/invitation/invitation-info.ts';
import type { AcceptedInvitation } from '../../../src/domain/invitation/invitation-use.service.ts';
import type {
  CreatedInvitation,
  InvitationPageQuery,
  InvitationTerms,
} from '../../../src/domain/invitation/invitation.service.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf, type PageQuery } from '../connection.ts';
import { deleted, DeletedObject } from '../deleted.ts';
import { failsWith } from '../errors.ts';
import { InvitationActionEnum } from '../invitation-action.ts';
import { parseIdOf, parseNodeId } from '../node-id.ts';
import { OrgRoleEnum } from '../org-role.ts';
import { OrganizationNode } from './account.ts';
import { ViewerObject } from './viewer.ts';

const InvitationNode = builder.node(builder.objectRef<InvitationInfo>('Invitation'), {
  description:
    'It is known by its link, which nobody can read out of the hub, or stands in a list of whoever may cancel it.',
  id: { resolve: ({ id }) => id, parse: parseNodeId },
  loadMany: (ids, { services, actor }) => services.invitations.listedById(actor, ids),
  fields: (t) => ({
    action: t.expose('action', { type: InvitationActionEnum }),
    organization: t.loadable({
      type: OrganizationNode,
      nullable: true,
      description: 'Null for an invitation to this hub alone',
      load: (ids: number[], { services }) => services.profiles.profilesById(ids),
      resolve: ({ org }) => org?.id,
    }),
    role: t.expose('role', { type: OrgRoleEnum, nullable: true, description: 'In the organization' }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'Only the owner of this address can use it',
    }),
    inviterName: t.exposeString('inviterName'),
    maxUsage: t.exposeInt('maxUsage', {
      nullable: true,
      description: 'Null means as often as anybody likes',
    }),
    usageCount: t.exposeInt('usageCount'),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    isExpired: t.exposeBoolean('isExpired'),
    problem: t.exposeString('problem', { nullable: true, description: 'Why nobody can use it now' }),
  }),
});

export const InvitationConnection = builder.connectionObject({
  type: InvitationNode,
  name: 'InvitationConnection',
});

builder.queryField('invitation', (t) =>
  t.field({
    type: InvitationNode,
    nullable: true,
    description: 'What whoever has the link may know',
    args: { token: t.arg.string({ required: true, description: 'Of the link' }) },
    resolve: (_root, { token }, { services }) => services.invitations.details(token),
  }),
);

builder.objectField(ViewerObject, 'organizationInvitations', (t) =>
  t.field({
    type: InvitationConnection,
    nullable: true,
    description: 'Into an organization that the caller is an admin of, newest first',
    args: { ...pageArgs, organization: t.arg.string({ required: true, description: 'Its name' }) },
    complexity: connectionComplexity,
    resolve: (_viewer, { organization, ...args }, { services, actor }) =>
      connectionOf(args, (page) => services.invitations.listForOrg(actor, organization, placeOf(page))),
  }),
);

/** @throws {BadRequest} for a cursor of another list. */
function placeOf({ limit, cursor }: PageQuery): InvitationPageQuery {
  return { limit, cursor: cursor === undefined ? undefined : parseNodeId(cursor) };
}

const CreateInvitationPayload = builder.objectRef<CreatedInvitation>('CreateInvitationPayload').implement({
  fields: (t) => ({
    token: t.exposeString('token', {
      nullable: true,
      description:
        'The secret of the link. It is shown now and never again; null when it is only in the mail',
    }),
    link: t.exposeString('link', { nullable: true }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    maxUsage: t.exposeInt('maxUsage', {
      nullable: true,
      description: 'Null means as often as anybody likes',
    }),
  }),
});

const AcceptInvitationPayload = builder.objectRef<AcceptedInvitation>('AcceptInvitationPayload').implement({
  fields: (t) => ({
    organization: t.field({
      type: OrganizationNode,
      resolve: ({ orgName }, _args, { services }) => services.profiles.profile(orgName),
    }),
    role: t.expose('role', { type: OrgRoleEnum }),
  }),
});

const DEFAULT_TERMS = { maxUsage: 1, expiresInDays: 7 } as const;

const InvitationTermsInput = builder.inputType('InvitationTermsInput', {
  fields: (t) => ({
    email: t.string({ description: 'Only the owner of this address can use it; it is mailed there' }),
    maxUsage: t.int({
      defaultValue: DEFAULT_TERMS.maxUsage,
      description: 'Null means as often as anybody likes',
    }),
    expiresInDays: t.int({ required: true, defaultValue: DEFAULT_TERMS.expiresInDays }),
  }),
});

function termsOf({
  email,
  maxUsage,
  expiresInDays,
}: typeof InvitationTermsInput.$inferInput): InvitationTerms {
  return { email: email ?? null, maxUsage: maxUsage ?? null, expiresInDays };
}

const CreateOrganizationInvitationInput = builder.inputType('CreateOrganizationInvitationInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    role: t.field({ type: OrgRoleEnum, required: true, defaultValue: 'member' }),
    terms: t.field({ type: InvitationTermsInput, required: true, defaultValue: DEFAULT_TERMS }),
  }),
});

const InvitedMemberInput = builder.inputType('InvitedMemberInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    role: t.field({ type: OrgRoleEnum, required: true, defaultValue: 'member' }),
  }),
});

const CreateRegistrationInvitationInput = builder.inputType('CreateRegistrationInvitationInput', {
  fields: (t) => ({
    member: t.field({ type: InvitedMemberInput, description: 'What the new account joins' }),
    terms: t.field({ type: InvitationTermsInput, required: true, defaultValue: DEFAULT_TERMS }),
  }),
});

const InvitationLinkInput = builder.inputType('InvitationLinkInput', {
  fields: (t) => ({ token: t.string({ required: true, description: 'Of the link' }) }),
});

const CancelOrganizationInvitationInput = builder.inputType('CancelOrganizationInvitationInput', {
  fields: (t) => ({
    organization: t.string({ required: true, description: 'Its name' }),
    id: t.id({ required: true }),
  }),
});

builder.mutationFields((t) => ({
  createOrganizationInvitation: t.field({
    type: CreateInvitationPayload,
    ...failsWith(errors.NotFound, errors.TooManyRequests),
    args: { input: t.arg({ type: CreateOrganizationInvitationInput, required: true }) },
    resolve: (_root, { input: { organization, role, terms } }, { services, actor }) =>
      services.invitations.createForOrg(actor, organization, { ...termsOf(terms), role }),
  }),
  createRegistrationInvitation: t.field({
    type: CreateInvitationPayload,
    description: 'For administrators of this hub',
    ...failsWith(errors.NotFound, errors.TooManyRequests),
    args: { input: t.arg({ type: CreateRegistrationInvitationInput, required: true }) },
    resolve: (_root, { input: { member, terms } }, { services, actor }) =>
      services.invitations.createForRegistration(actor, {
        ...termsOf(terms),
        org: member ? { name: member.organization, role: member.role } : null,
      }),
  }),
  acceptInvitation: t.field({
    type: AcceptInvitationPayload,
    description: 'Joins the organization that the invitation is to.',
    ...failsWith(errors.NotFound, errors.Conflict),
    args: { input: t.arg({ type: InvitationLinkInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) => services.invitationUses.accept(actor, input.token),
  }),
  cancelInvitation: t.field({
    type: DeletedObject,
    description: 'Ends an invitation by its link.',
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: InvitationLinkInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) =>
      deleted('Invitation', await services.invitations.cancel(actor, input.token)),
  }),
  cancelOrganizationInvitation: t.field({
    type: DeletedObject,
    ...failsWith(errors.NotFound),
    args: { input: t.arg({ type: CancelOrganizationInvitationInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      const id = parseIdOf('Invitation', input.id);
      await services.invitations.cancelForOrg(actor, input.organization, id);
      return deleted('Invitation', id);
    },
  }),
}));
