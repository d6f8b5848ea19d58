/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type AccountKind =
  | 'ORG'
  | 'USER';

export type AdminDependency =
  | 'DATABASE'
  | 'GIT'
  | 'MAIL'
  | 'SSH'
  | 'STORAGE';

export type AdminRepoFilter = {
  isDisabled?: boolean | null | undefined;
  namespace?: string | null | undefined;
  /** A part of `namespace/name` */
  search?: string | null | undefined;
  type?: RepoType | null | undefined;
  visibility?: Visibility | null | undefined;
};

export type AdminRepoSort =
  | 'CREATED'
  | 'USED';

export type AdminUserFilter = {
  isActive?: boolean | null | undefined;
  isAdmin?: boolean | null | undefined;
  isEmailVerified?: boolean | null | undefined;
  /** A part of the name, the full name or the e-mail address */
  search?: string | null | undefined;
};

export type AuditAction =
  | 'INVITATION_CANCEL'
  | 'INVITATION_CREATE'
  | 'ORG_APPOINT_SUPER_ADMIN'
  | 'QUOTA_RECOUNT'
  | 'QUOTA_SET'
  | 'REPO_DELETE'
  | 'REPO_DISABLE'
  | 'REPO_ENABLE'
  | 'USER_CREATE'
  | 'USER_DELETE'
  | 'USER_END_SESSIONS'
  | 'USER_MAKE_ADMIN'
  | 'USER_REINSTATE'
  | 'USER_REMOVE_SSH_KEYS'
  | 'USER_REVOKE_TOKENS'
  | 'USER_SUSPEND'
  | 'USER_UNMAKE_ADMIN'
  | 'USER_VERIFY_EMAIL';

export type AuditSubjectKind =
  | 'INVITATION'
  | 'ORG'
  | 'REPO'
  | 'USER';

export type CreateRepoInput = {
  license?: string | null | undefined;
  name: string;
  /** The caller's own when it is left out */
  namespace?: string | null | undefined;
  /** Of a space */
  sdk?: string | null | undefined;
  type?: RepoType;
  visibility?: Visibility;
};

export type DependencyState =
  | 'DOWN'
  | 'OFF'
  | 'OK';

export type GatedMode =
  | 'AUTO'
  | 'MANUAL';

export type LikeRepoInput = {
  repo: RepoRefInput;
};

export type LoginInput = {
  password: string;
  username: string;
};

export type OrgRole =
  | 'ADMIN'
  | 'MEMBER'
  | 'SUPER_ADMIN'
  | 'VISITOR';

export type RepoRefInput = {
  /** `namespace/name` */
  name: string;
  type?: RepoType;
};

export type RepoType =
  | 'DATASET'
  | 'MODEL'
  | 'SPACE';

export type Visibility =
  | 'PRIVATE'
  | 'PUBLIC';

export type AccountQueryVariables = Exact<{ [key: string]: never; }>;


export type AccountQuery = { viewer: { isAdmin: boolean, user: { id: string, name: string, fullName: string | null, bio: string | null, website: string | null, avatarUrl: string, quota: { publicUsedBytes: number, publicQuotaBytes: number | null, privateUsedBytes: number | null, privateQuotaBytes: number | null } | null }, organizations: { edges: Array<{ node: { role: OrgRole, organization: { id: string, name: string, avatarUrl: string } | null } }> }, tokens: { edges: Array<{ node: { id: string, name: string, createdAt: string } }> }, sshKeys: { edges: Array<{ node: { id: string, title: string, createdAt: string } }> }, sessions: { edges: Array<{ node: { id: string, userAgent: string | null, isCurrent: boolean, createdAt: string, expiresAt: string } }> } } | null };

export type LoginMutationVariables = Exact<{
  input: LoginInput;
}>;


export type LoginMutation = { login:
    | (
      { __typename: 'BadRequestError' }
      & { ' $fragmentRefs'?: { 'Refusal_BadRequestError_Fragment': Refusal_BadRequestError_Fragment } }
    )
    | (
      { __typename: 'ForbiddenError' }
      & { ' $fragmentRefs'?: { 'Refusal_ForbiddenError_Fragment': Refusal_ForbiddenError_Fragment } }
    )
    | (
      { __typename: 'InvalidCredentialsError' }
      & { ' $fragmentRefs'?: { 'Refusal_InvalidCredentialsError_Fragment': Refusal_InvalidCredentialsError_Fragment } }
    )
    | { __typename: 'LoginPayload', expiresAt: string, user: { name: string } }
    | (
      { __typename: 'TooManyRequestsError' }
      & { ' $fragmentRefs'?: { 'Refusal_TooManyRequestsError_Fragment': Refusal_TooManyRequestsError_Fragment } }
    )
    | (
      { __typename: 'UnauthenticatedError' }
      & { ' $fragmentRefs'?: { 'Refusal_UnauthenticatedError_Fragment': Refusal_UnauthenticatedError_Fragment } }
    )
    | (
      { __typename: 'UnavailableError' }
      & { ' $fragmentRefs'?: { 'Refusal_UnavailableError_Fragment': Refusal_UnavailableError_Fragment } }
    )
   };

export type AdministrationQueryVariables = Exact<{ [key: string]: never; }>;


export type AdministrationQuery = { admin: { userCount: number, health: { version: string, nodeVersion: string, dependencies: Array<{ name: AdminDependency, status: DependencyState, latencyMs: number | null, version: string | null, problem: string | null }> } | null, storage: { charged: { publicBytes: number, privateBytes: number }, topConsumers: Array<{ namespace: string, kind: AccountKind, publicUsedBytes: number, privateUsedBytes: number }>, fullNamespaces: Array<{ namespace: string, visibility: Visibility, usedBytes: number, quotaBytes: number }> } | null, auditLog: { edges: Array<{ node: { at: string, action: AuditAction, actorName: string, subjectKind: AuditSubjectKind, subjectName: string, address: string | null } }> } } | null };

export type AdminUsersQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  filter?: AdminUserFilter | null | undefined;
}>;


export type AdminUsersQuery = { admin: { users: { edges: Array<{ node: { name: string, fullName: string | null, email: string | null, isActive: boolean, isAdmin: boolean, isEmailVerified: boolean, createdAt: string, publicUsedBytes: number, privateUsedBytes: number } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type AdminReposQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  filter?: AdminRepoFilter | null | undefined;
  sort: AdminRepoSort;
}>;


export type AdminReposQuery = { admin: { repos: { edges: Array<{ node: { fullName: string, type: RepoType, visibility: Visibility, isDisabled: boolean, isGated: boolean, usedBytes: number, quotaBytes: number | null, lastModifiedAt: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type DownloadTrendsQueryVariables = Exact<{
  type: RepoType;
  days: number;
  limit: number;
}>;


export type DownloadTrendsQuery = { trending: { start: string, end: string, repos: Array<{ recentDownloads: number, repo: { id: string, fullName: string, downloads: number, downloadsAllTime: number, trendingScore: number } | null }> } };

export type RepoDownloadsQueryVariables = Exact<{
  type: RepoType;
  name: string;
  days: number;
}>;


export type RepoDownloadsQuery = { repo: { id: string, fullName: string, downloads: number, downloadsAllTime: number, stats: { start: string, end: string, days: Array<{ date: string, downloads: number, authenticated: number, anonymous: number, files: number }> } } | null };

export type HubOverviewQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type HubOverviewQuery = { site: { name: string, version: string }, viewer: { isAdmin: boolean, user: { name: string, fullName: string | null, avatarUrl: string } } | null, trending: { repos: Array<{ recentDownloads: number, repo: { id: string, type: RepoType, fullName: string } | null }> }, repos: { edges: Array<{ node: { ' $fragmentRefs'?: { 'RepoRowFragment': RepoRowFragment } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type RepoRowFragment = { id: string, type: RepoType, fullName: string, visibility: Visibility, downloads: number, likesCount: number, isLiked: boolean, lastModifiedAt: string, owner:
    | { name: string, avatarUrl: string }
    | { name: string, avatarUrl: string }
   | null, headCommit: { title: string, committedAt: string } | null } & { ' $fragmentName'?: 'RepoRowFragment' };

export type OrganizationStorageQueryVariables = Exact<{
  name: string;
  first: number;
  after?: string | null | undefined;
}>;


export type OrganizationStorageQuery = { organization: { id: string, name: string, fullName: string | null, avatarUrl: string, memberCount: number, repoCounts: { models: number, datasets: number, spaces: number }, quota: { publicUsedBytes: number, publicQuotaBytes: number | null, privateUsedBytes: number | null, privateQuotaBytes: number | null } | null, storage: { repoCount: number, repos: { edges: Array<{ node: { name: string, type: RepoType, visibility: Visibility, usedBytes: number, quotaBytes: number | null, createdAt: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null } | null };

export type RepoActivitySubscriptionVariables = Exact<{
  repo: RepoRefInput;
}>;


export type RepoActivitySubscription = { repoActivity:
    | { __typename: 'ActivityStarted', likesCount: number, downloads: number, downloadsAllTime: number }
    | { __typename: 'DownloadsCounted', downloads: number, downloadsAllTime: number }
    | { __typename: 'LikesChanged', likesCount: number }
    | { __typename: 'RefMoved', refName: string, oldOid: string | null, newOid: string | null, at: string, commit: { title: string, authorName: string, userName: string | null } | null }
   };

export type RepoPageQueryVariables = Exact<{
  type: RepoType;
  name: string;
  revision: string;
  path: string;
  first: number;
  after?: string | null | undefined;
}>;


export type RepoPageQuery = { repo: (
    { gate: { isOpenToCaller: boolean } | null, refs: { branches: { edges: Array<{ node: { name: string, commitOid: string } }> }, tags: { edges: Array<{ node: { name: string, commitOid: string } }> } } | null, revision: { oid: string, commitCount: number | null, commit: { title: string, authorName: string, committedAt: string } | null, tree: { edges: Array<{ node:
            | { __typename: 'File', sizeBytes: number, downloadUrl: string | null, name: string, path: string, lfs: { sha256: string } | null, lastCommit: { oid: string, title: string, committedAt: string } | null }
            | { __typename: 'Folder', name: string, path: string, lastCommit: { oid: string, title: string, committedAt: string } | null }
           }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, readme: { path: string, text: { content: string | null, isTruncated: boolean } | null } | null } | null }
    & { ' $fragmentRefs'?: { 'RepoHeadFragment': RepoHeadFragment } }
  ) | null };

export type RepoHistoryQueryVariables = Exact<{
  type: RepoType;
  name: string;
  revision: string;
  first: number;
  after?: string | null | undefined;
}>;


export type RepoHistoryQuery = { repo: { id: string, revision: { oid: string, commits: { edges: Array<{ node: { id: string, oid: string, title: string, authorName: string, userName: string | null, committedAt: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null } | null };

export type LikeRepoMutationVariables = Exact<{
  input: LikeRepoInput;
}>;


export type LikeRepoMutation = { likeRepo:
    | (
      { __typename: 'BadRequestError' }
      & { ' $fragmentRefs'?: { 'Refusal_BadRequestError_Fragment': Refusal_BadRequestError_Fragment } }
    )
    | (
      { __typename: 'ForbiddenError' }
      & { ' $fragmentRefs'?: { 'Refusal_ForbiddenError_Fragment': Refusal_ForbiddenError_Fragment } }
    )
    | { __typename: 'Repo', id: string, isLiked: boolean, likesCount: number }
    | (
      { __typename: 'RepoMovedError' }
      & { ' $fragmentRefs'?: { 'Refusal_RepoMovedError_Fragment': Refusal_RepoMovedError_Fragment } }
    )
    | (
      { __typename: 'RepoNotFoundError' }
      & { ' $fragmentRefs'?: { 'Refusal_RepoNotFoundError_Fragment': Refusal_RepoNotFoundError_Fragment } }
    )
    | (
      { __typename: 'UnauthenticatedError' }
      & { ' $fragmentRefs'?: { 'Refusal_UnauthenticatedError_Fragment': Refusal_UnauthenticatedError_Fragment } }
    )
   };

export type UnlikeRepoMutationVariables = Exact<{
  input: LikeRepoInput;
}>;


export type UnlikeRepoMutation = { unlikeRepo:
    | (
      { __typename: 'BadRequestError' }
      & { ' $fragmentRefs'?: { 'Refusal_BadRequestError_Fragment': Refusal_BadRequestError_Fragment } }
    )
    | (
      { __typename: 'ForbiddenError' }
      & { ' $fragmentRefs'?: { 'Refusal_ForbiddenError_Fragment': Refusal_ForbiddenError_Fragment } }
    )
    | { __typename: 'Repo', id: string, isLiked: boolean, likesCount: number }
    | (
      { __typename: 'RepoMovedError' }
      & { ' $fragmentRefs'?: { 'Refusal_RepoMovedError_Fragment': Refusal_RepoMovedError_Fragment } }
    )
    | (
      { __typename: 'RepoNotFoundError' }
      & { ' $fragmentRefs'?: { 'Refusal_RepoNotFoundError_Fragment': Refusal_RepoNotFoundError_Fragment } }
    )
    | (
      { __typename: 'UnauthenticatedError' }
      & { ' $fragmentRefs'?: { 'Refusal_UnauthenticatedError_Fragment': Refusal_UnauthenticatedError_Fragment } }
    )
   };

export type CreateRepoMutationVariables = Exact<{
  input: CreateRepoInput;
}>;


export type CreateRepoMutation = { createRepo:
    | (
      { __typename: 'BadRequestError' }
      & { ' $fragmentRefs'?: { 'Refusal_BadRequestError_Fragment': Refusal_BadRequestError_Fragment } }
    )
    | (
      { __typename: 'ForbiddenError' }
      & { ' $fragmentRefs'?: { 'Refusal_ForbiddenError_Fragment': Refusal_ForbiddenError_Fragment } }
    )
    | (
      { __typename: 'QuotaExceededError' }
      & { ' $fragmentRefs'?: { 'Refusal_QuotaExceededError_Fragment': Refusal_QuotaExceededError_Fragment } }
    )
    | (
      { __typename: 'Repo' }
      & { ' $fragmentRefs'?: { 'RepoHeadFragment': RepoHeadFragment } }
    )
    | (
      { __typename: 'RepoExistsError' }
      & { ' $fragmentRefs'?: { 'Refusal_RepoExistsError_Fragment': Refusal_RepoExistsError_Fragment } }
    )
    | (
      { __typename: 'UnauthenticatedError' }
      & { ' $fragmentRefs'?: { 'Refusal_UnauthenticatedError_Fragment': Refusal_UnauthenticatedError_Fragment } }
    )
   };

export type RepoHeadFragment = { id: string, type: RepoType, fullName: string, url: string, visibility: Visibility, gated: GatedMode | null, isDisabled: boolean, downloads: number, downloadsAllTime: number, likesCount: number, isLiked: boolean, tags: Array<string>, pipelineTag: string | null, libraryName: string | null, parameterCount: number | null, usedBytes: number, lastModifiedAt: string, owner:
    | { name: string, avatarUrl: string }
    | { name: string, avatarUrl: string }
   | null } & { ' $fragmentName'?: 'RepoHeadFragment' };

type Refusal_BadRequestError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_BadRequestError_Fragment' };

type Refusal_ConflictError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_ConflictError_Fragment' };

type Refusal_EntryNotFoundError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_EntryNotFoundError_Fragment' };

type Refusal_ForbiddenError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_ForbiddenError_Fragment' };

type Refusal_GatedRepoError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_GatedRepoError_Fragment' };

type Refusal_InvalidCredentialsError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_InvalidCredentialsError_Fragment' };

type Refusal_InvalidPathError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_InvalidPathError_Fragment' };

type Refusal_LfsObjectMissingError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_LfsObjectMissingError_Fragment' };

type Refusal_NotFoundError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_NotFoundError_Fragment' };

type Refusal_NotImplementedError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_NotImplementedError_Fragment' };

type Refusal_PayloadTooLargeError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_PayloadTooLargeError_Fragment' };

type Refusal_QuotaExceededError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_QuotaExceededError_Fragment' };

type Refusal_RefExistsError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_RefExistsError_Fragment' };

type Refusal_RepoExistsError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_RepoExistsError_Fragment' };

type Refusal_RepoMovedError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_RepoMovedError_Fragment' };

type Refusal_RepoNotFoundError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_RepoNotFoundError_Fragment' };

type Refusal_RevisionNotFoundError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_RevisionNotFoundError_Fragment' };

type Refusal_StaleParentError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_StaleParentError_Fragment' };

type Refusal_TooManyRequestsError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_TooManyRequestsError_Fragment' };

type Refusal_UnauthenticatedError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_UnauthenticatedError_Fragment' };

type Refusal_UnavailableError_Fragment = { code: string, message: string } & { ' $fragmentName'?: 'Refusal_UnavailableError_Fragment' };

export type RefusalFragment =
  | Refusal_BadRequestError_Fragment
  | Refusal_ConflictError_Fragment
  | Refusal_EntryNotFoundError_Fragment
  | Refusal_ForbiddenError_Fragment
  | Refusal_GatedRepoError_Fragment
  | Refusal_InvalidCredentialsError_Fragment
  | Refusal_InvalidPathError_Fragment
  | Refusal_LfsObjectMissingError_Fragment
  | Refusal_NotFoundError_Fragment
  | Refusal_NotImplementedError_Fragment
  | Refusal_PayloadTooLargeError_Fragment
  | Refusal_QuotaExceededError_Fragment
  | Refusal_RefExistsError_Fragment
  | Refusal_RepoExistsError_Fragment
  | Refusal_RepoMovedError_Fragment
  | Refusal_RepoNotFoundError_Fragment
  | Refusal_RevisionNotFoundError_Fragment
  | Refusal_StaleParentError_Fragment
  | Refusal_TooManyRequestsError_Fragment
  | Refusal_UnauthenticatedError_Fragment
  | Refusal_UnavailableError_Fragment
;

export const RepoRowFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RepoRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Repo"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"visibility"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"likesCount"}},{"kind":"Field","name":{"kind":"Name","value":"isLiked"}},{"kind":"Field","name":{"kind":"Name","value":"lastModifiedAt"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}}]}},{"kind":"Field","name":{"kind":"Name","value":"headCommit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"committedAt"}}]}}]}}]} as unknown as DocumentNode<RepoRowFragment, unknown>;
export const RepoHeadFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RepoHead"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Repo"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"visibility"}},{"kind":"Field","name":{"kind":"Name","value":"gated"}},{"kind":"Field","name":{"kind":"Name","value":"isDisabled"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"downloadsAllTime"}},{"kind":"Field","name":{"kind":"Name","value":"likesCount"}},{"kind":"Field","name":{"kind":"Name","value":"isLiked"}},{"kind":"Field","name":{"kind":"Name","value":"tags"}},{"kind":"Field","name":{"kind":"Name","value":"pipelineTag"}},{"kind":"Field","name":{"kind":"Name","value":"libraryName"}},{"kind":"Field","name":{"kind":"Name","value":"parameterCount"}},{"kind":"Field","name":{"kind":"Name","value":"usedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"lastModifiedAt"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}}]}}]}}]} as unknown as DocumentNode<RepoHeadFragment, unknown>;
export const RefusalFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DomainError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<RefusalFragment, unknown>;
export const AccountDocument = {"__meta__":{"hash":"sha256:a435116b8891efa6318a7d066219ffa62ceace901cde00bd96a1dcec636d0142"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"isAdmin"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"bio"}},{"kind":"Field","name":{"kind":"Name","value":"website"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}},{"kind":"Field","name":{"kind":"Name","value":"quota"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"publicQuotaBytes"}},{"kind":"Field","name":{"kind":"Name","value":"privateUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"privateQuotaBytes"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"organizations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"organization"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}}]}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"tokens"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"sshKeys"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"sessions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"userAgent"}},{"kind":"Field","name":{"kind":"Name","value":"isCurrent"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<AccountQuery, AccountQueryVariables>;
export const LoginDocument = {"__meta__":{"hash":"sha256:a874928c31edcdd8e73f7e423cdda5ee7af2972b5964a1560b44650c863cc562"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Login"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"LoginInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"login"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"LoginPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refusal"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DomainError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<LoginMutation, LoginMutationVariables>;
export const AdministrationDocument = {"__meta__":{"hash":"sha256:d8ab577e460fcf37b9bcf3413968bd3ce3ff463500f8926fe77e6ac7c8012d9a"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Administration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"admin"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"nodeVersion"}},{"kind":"Field","name":{"kind":"Name","value":"dependencies"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"latencyMs"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"problem"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"storage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"charged"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicBytes"}},{"kind":"Field","name":{"kind":"Name","value":"privateBytes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"topConsumers"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"namespace"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"publicUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"privateUsedBytes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fullNamespaces"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"namespace"}},{"kind":"Field","name":{"kind":"Name","value":"visibility"}},{"kind":"Field","name":{"kind":"Name","value":"usedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"quotaBytes"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userCount"}},{"kind":"Field","name":{"kind":"Name","value":"auditLog"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"action"}},{"kind":"Field","name":{"kind":"Name","value":"actorName"}},{"kind":"Field","name":{"kind":"Name","value":"subjectKind"}},{"kind":"Field","name":{"kind":"Name","value":"subjectName"}},{"kind":"Field","name":{"kind":"Name","value":"address"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<AdministrationQuery, AdministrationQueryVariables>;
export const AdminUsersDocument = {"__meta__":{"hash":"sha256:a53040e78c38ba7c191e53b2be9b2bd4c71f5aae6f4b0a07b15d17c0f664b326"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AdminUsers"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"AdminUserFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"admin"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"users"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"isAdmin"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailVerified"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"publicUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"privateUsedBytes"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AdminUsersQuery, AdminUsersQueryVariables>;
export const AdminReposDocument = {"__meta__":{"hash":"sha256:7ed1d7046c343116697b36e61e45387d2e7e2887d03286fecb3b91b9f9af440c"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AdminRepos"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"AdminRepoFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"sort"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AdminRepoSort"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"admin"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"repos"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"sort"},"value":{"kind":"Variable","name":{"kind":"Name","value":"sort"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"visibility"}},{"kind":"Field","name":{"kind":"Name","value":"isDisabled"}},{"kind":"Field","name":{"kind":"Name","value":"isGated"}},{"kind":"Field","name":{"kind":"Name","value":"usedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"quotaBytes"}},{"kind":"Field","name":{"kind":"Name","value":"lastModifiedAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AdminReposQuery, AdminReposQueryVariables>;
export const DownloadTrendsDocument = {"__meta__":{"hash":"sha256:8b978af959780a72bbbb6feb3ab5f3559defbb02bd13aae8e8a6c589f4f75540"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"DownloadTrends"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"type"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RepoType"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"days"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"trending"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"type"},"value":{"kind":"Variable","name":{"kind":"Name","value":"type"}}},{"kind":"Argument","name":{"kind":"Name","value":"days"},"value":{"kind":"Variable","name":{"kind":"Name","value":"days"}}},{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}},{"kind":"Field","name":{"kind":"Name","value":"repos"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recentDownloads"}},{"kind":"Field","name":{"kind":"Name","value":"repo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"downloadsAllTime"}},{"kind":"Field","name":{"kind":"Name","value":"trendingScore"}}]}}]}}]}}]}}]} as unknown as DocumentNode<DownloadTrendsQuery, DownloadTrendsQueryVariables>;
export const RepoDownloadsDocument = {"__meta__":{"hash":"sha256:03abffb82348ad13d8cef380ce9c85c5a740fe1dbd7731521dec33f6f2094944"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RepoDownloads"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"type"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RepoType"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"days"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"repo"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"type"},"value":{"kind":"Variable","name":{"kind":"Name","value":"type"}}},{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"downloadsAllTime"}},{"kind":"Field","name":{"kind":"Name","value":"stats"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"days"},"value":{"kind":"Variable","name":{"kind":"Name","value":"days"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}},{"kind":"Field","name":{"kind":"Name","value":"days"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"date"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"authenticated"}},{"kind":"Field","name":{"kind":"Name","value":"anonymous"}},{"kind":"Field","name":{"kind":"Name","value":"files"}}]}}]}}]}}]}}]} as unknown as DocumentNode<RepoDownloadsQuery, RepoDownloadsQueryVariables>;
export const HubOverviewDocument = {"__meta__":{"hash":"sha256:e4e257903abc9f6fdb3429df57faaa02db64ed5ba006b3419408e07efe400c1e"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"HubOverview"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"site"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"isAdmin"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"trending"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"repos"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recentDownloads"}},{"kind":"Field","name":{"kind":"Name","value":"repo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"repos"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"sort"},"value":{"kind":"EnumValue","value":"LAST_MODIFIED"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RepoRow"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RepoRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Repo"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"visibility"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"likesCount"}},{"kind":"Field","name":{"kind":"Name","value":"isLiked"}},{"kind":"Field","name":{"kind":"Name","value":"lastModifiedAt"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}}]}},{"kind":"Field","name":{"kind":"Name","value":"headCommit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"committedAt"}}]}}]}}]} as unknown as DocumentNode<HubOverviewQuery, HubOverviewQueryVariables>;
export const OrganizationStorageDocument = {"__meta__":{"hash":"sha256:66bf0efc3f83ec84823cbb7cb7f5db2905bba17dfba2c14288fd8c1d63ea2c39"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"OrganizationStorage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organization"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}},{"kind":"Field","name":{"kind":"Name","value":"memberCount"}},{"kind":"Field","name":{"kind":"Name","value":"repoCounts"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"models"}},{"kind":"Field","name":{"kind":"Name","value":"datasets"}},{"kind":"Field","name":{"kind":"Name","value":"spaces"}}]}},{"kind":"Field","name":{"kind":"Name","value":"quota"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"publicQuotaBytes"}},{"kind":"Field","name":{"kind":"Name","value":"privateUsedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"privateQuotaBytes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"storage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"repoCount"}},{"kind":"Field","name":{"kind":"Name","value":"repos"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"visibility"}},{"kind":"Field","name":{"kind":"Name","value":"usedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"quotaBytes"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<OrganizationStorageQuery, OrganizationStorageQueryVariables>;
export const RepoActivityDocument = {"__meta__":{"hash":"sha256:2722c8359a3632540e187e1ad1a14681b88222b98f9b9429f97190ca4dc48d74"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RepoActivity"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"repo"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RepoRefInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"repoActivity"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"repo"},"value":{"kind":"Variable","name":{"kind":"Name","value":"repo"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ActivityStarted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"likesCount"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"downloadsAllTime"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RefMoved"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"refName"}},{"kind":"Field","name":{"kind":"Name","value":"oldOid"}},{"kind":"Field","name":{"kind":"Name","value":"newOid"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"commit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"authorName"}},{"kind":"Field","name":{"kind":"Name","value":"userName"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"LikesChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"likesCount"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DownloadsCounted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"downloadsAllTime"}}]}}]}}]}}]} as unknown as DocumentNode<RepoActivitySubscription, RepoActivitySubscriptionVariables>;
export const RepoPageDocument = {"__meta__":{"hash":"sha256:c5956c6fd8a8843f1d96f1e117726b32d6e65d8e286ad2e14ac9bf13028f3bc2"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RepoPage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"type"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RepoType"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"revision"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"path"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"repo"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"type"},"value":{"kind":"Variable","name":{"kind":"Name","value":"type"}}},{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RepoHead"}},{"kind":"Field","name":{"kind":"Name","value":"gate"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"isOpenToCaller"}}]}},{"kind":"Field","name":{"kind":"Name","value":"refs"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"branches"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"commitOid"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"tags"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"commitOid"}}]}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"revision"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"revision"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"oid"}},{"kind":"Field","name":{"kind":"Name","value":"commitCount"}},{"kind":"Field","name":{"kind":"Name","value":"commit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"authorName"}},{"kind":"Field","name":{"kind":"Name","value":"committedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tree"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"path"},"value":{"kind":"Variable","name":{"kind":"Name","value":"path"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"lastCommit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"oid"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"committedAt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"File"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sizeBytes"}},{"kind":"Field","name":{"kind":"Name","value":"downloadUrl"}},{"kind":"Field","name":{"kind":"Name","value":"lfs"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sha256"}}]}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"readme"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"text"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"content"}},{"kind":"Field","name":{"kind":"Name","value":"isTruncated"}}]}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RepoHead"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Repo"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"visibility"}},{"kind":"Field","name":{"kind":"Name","value":"gated"}},{"kind":"Field","name":{"kind":"Name","value":"isDisabled"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"downloadsAllTime"}},{"kind":"Field","name":{"kind":"Name","value":"likesCount"}},{"kind":"Field","name":{"kind":"Name","value":"isLiked"}},{"kind":"Field","name":{"kind":"Name","value":"tags"}},{"kind":"Field","name":{"kind":"Name","value":"pipelineTag"}},{"kind":"Field","name":{"kind":"Name","value":"libraryName"}},{"kind":"Field","name":{"kind":"Name","value":"parameterCount"}},{"kind":"Field","name":{"kind":"Name","value":"usedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"lastModifiedAt"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}}]}}]}}]} as unknown as DocumentNode<RepoPageQuery, RepoPageQueryVariables>;
export const RepoHistoryDocument = {"__meta__":{"hash":"sha256:168697434348d39e073014a6d2509c251da723dd0c57c7fd0688a0e84c38a1c1"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RepoHistory"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"type"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RepoType"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"revision"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"repo"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"type"},"value":{"kind":"Variable","name":{"kind":"Name","value":"type"}}},{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"revision"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"revision"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"oid"}},{"kind":"Field","name":{"kind":"Name","value":"commits"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"oid"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"authorName"}},{"kind":"Field","name":{"kind":"Name","value":"userName"}},{"kind":"Field","name":{"kind":"Name","value":"committedAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<RepoHistoryQuery, RepoHistoryQueryVariables>;
export const LikeRepoDocument = {"__meta__":{"hash":"sha256:c0354e9743b9aac866b9a1bb4c464ddf26cec9c7f069a68a9903e8c594f888bf"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"LikeRepo"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"LikeRepoInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"likeRepo"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Repo"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"isLiked"}},{"kind":"Field","name":{"kind":"Name","value":"likesCount"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refusal"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DomainError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<LikeRepoMutation, LikeRepoMutationVariables>;
export const UnlikeRepoDocument = {"__meta__":{"hash":"sha256:6bbdf0ea8f7281e1f7ab3985653b7c4f1b3eb929b6ba9a2739c0367ea6615ffe"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UnlikeRepo"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"LikeRepoInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"unlikeRepo"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Repo"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"isLiked"}},{"kind":"Field","name":{"kind":"Name","value":"likesCount"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refusal"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DomainError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<UnlikeRepoMutation, UnlikeRepoMutationVariables>;
export const CreateRepoDocument = {"__meta__":{"hash":"sha256:b4a9a57986ad5b2f70d48524e42865a6985b3969a40733e8a59d9d32cb39bc24"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateRepo"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRepoInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createRepo"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Repo"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RepoHead"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refusal"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RepoHead"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Repo"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"fullName"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"visibility"}},{"kind":"Field","name":{"kind":"Name","value":"gated"}},{"kind":"Field","name":{"kind":"Name","value":"isDisabled"}},{"kind":"Field","name":{"kind":"Name","value":"downloads"}},{"kind":"Field","name":{"kind":"Name","value":"downloadsAllTime"}},{"kind":"Field","name":{"kind":"Name","value":"likesCount"}},{"kind":"Field","name":{"kind":"Name","value":"isLiked"}},{"kind":"Field","name":{"kind":"Name","value":"tags"}},{"kind":"Field","name":{"kind":"Name","value":"pipelineTag"}},{"kind":"Field","name":{"kind":"Name","value":"libraryName"}},{"kind":"Field","name":{"kind":"Name","value":"parameterCount"}},{"kind":"Field","name":{"kind":"Name","value":"usedBytes"}},{"kind":"Field","name":{"kind":"Name","value":"lastModifiedAt"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"avatarUrl"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DomainError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<CreateRepoMutation, CreateRepoMutationVariables>;