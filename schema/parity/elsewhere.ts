import type { ServiceMethod } from './service-methods.ts';

const GIT = 'the protocols of Git';
const XET = 'the protocol of Xet';
const LFS = 'the protocol of Git LFS';
const SIGNED = 'signed URLs';
const OPERATOR = 'a command of the operator';
const JOB = 'background work';
const SERVICES = 'other services';
const DOWNLOAD = 'bytes of a file, at the URLs that both doors give';

/** Services that belong to a protocol of their own as a whole. */
const OF_SERVICE: Readonly<Record<string, string>> = {
  gitReads: GIT,
  gitPushes: GIT,
  gitSessions: GIT,
  lfsSsh: LFS,
  lfsTransfers: LFS,
  xorbUploads: XET,
  shardUploads: XET,
  xorbReads: XET,
  reconstructions: XET,
  xetAccess: XET,
  dedup: XET,
  storage: SIGNED,
  resolve: DOWNLOAD,
  blobs: SERVICES,
  trees: SERVICES,
  revisions: SERVICES,
  xetReads: SIGNED,
  fsck: OPERATOR,
  lfs: SERVICES,
  lfsVerifier: SERVICES,
  repoIndex: SERVICES,
};

/** Single methods that no page of a first-party client would call. */
const OF_METHOD: Readonly<Record<string, string>> = {
  'auth.identify': 'the doors themselves, before each request',
  'sshKeys.identify': GIT,
  'sshKeys.refresh': GIT,
  'sshKeys.noteLogin': GIT,
  'gc.runAsOperator': OPERATOR,
  'accounts.createUserAsOperator': OPERATOR,
  'tokens.createTokenAsOperator': OPERATOR,
  'gc.runNeeded': JOB,
  'gc.collect': JOB,
  'gc.compact': JOB,
  'gc.removeReplaced': JOB,
  'stats.rollUp': JOB,
  'avatars.read': DOWNLOAD,
  'diffs.patch': 'a patch as a file, by REST',
  'lfsDuplicates.duplicate': 'a request of huggingface_hub',
  'pullRequests.list': 'a request of huggingface_hub',
  'pullRequests.open': 'a request of huggingface_hub, before it commits to a pull request',
  'pullRequests.find': 'a request of huggingface_hub, after it opened a pull request',
  'lfsUploads.find': SIGNED,
  'lfsUploads.received': SIGNED,
  'access.find': SERVICES,
  'access.requireFiles': SERVICES,
  'access.requireFilesBy': SERVICES,
  'accountDeletions.removeAccount': SERVICES,
  'accounts.insert': SERVICES,
  'accounts.rename': SERVICES,
  'avatars.requireChange': 'REST, before it takes the bytes of a picture',
  'commits.permitRef': 'REST, before it takes the body of a commit',
  'history.commit': SERVICES,
  'history.commitsOf': SERVICES,
  'history.count': SERVICES,
  'history.list': SERVICES,
  'invitations.listForRegistration': 'REST; the other doors have `adminInvitations.list`',
  'invitations.cancelForRegistration': 'REST; the other doors have `adminInvitations.cancel`',
  'refs.list': 'a request of huggingface_hub; `refs.page` has all of it',
  'invitationUses.checkRegistration': SERVICES,
  'invitationUses.useForRegistration': SERVICES,
  'passwords.check': SERVICES,
  'profiles.requireSelf': SERVICES,
  'repos.remove': SERVICES,
  'sessions.start': SERVICES,
};

/** The methods that have a reason of their own. */
export const METHODS_ELSEWHERE: readonly string[] = Object.keys(OF_METHOD);

/** Why a method needs no door of its own here, or null. */
export function reasonFor({ service, method }: ServiceMethod): string | null {
  return OF_METHOD[`${service}.${method}`] ?? OF_SERVICE[service] ?? null;
}
