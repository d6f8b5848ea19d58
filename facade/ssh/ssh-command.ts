import type { LfsOperation } from '../../src/domain/lfs/lfs-credentials.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { repoRef, type TypeSegment } from '../wire/repo-params.ts';

/** What a client may ask for on a channel. */
export type SshCommand =
  | { readonly kind: 'upload-pack' | 'receive-pack'; readonly repo: RepoRef }
  | {
      readonly kind: 'lfs-authenticate' | 'lfs-transfer';
      readonly repo: RepoRef;
      readonly operation: LfsOperation;
    };

const MAX_COMMAND_CHARS = 1000;
/** Names of repositories need no quotes; clients put them into single ones, and some into double ones. */
const PATH = String.raw`(?<quote>['"]?)(?<path>[\w./~-]+)\k<quote>`;
const GIT = new RegExp(String.raw`^git[ -](?<kind>upload-pack|receive-pack) ${PATH}$`);
const LFS = new RegExp(
  String.raw`^git-(?<kind>lfs-authenticate|lfs-transfer) ${PATH} (?<around>['"]?)(?<operation>download|upload)\k<around>$`,
);
/** `/ns/name`, `~/ns/name`, `/~ns/name.git/`, with `datasets/` or `spaces/` before it. */
const REPO = /^\/?(?:~\/?)?(?:(?<types>models|datasets|spaces)\/)?(?<namespace>[^/~]+)\/(?<name>[^/~]+)\/?$/;

/** Reads a command line as Git and git-lfs write it. Null for everything else: no shell ever sees one. */
export function parseSshCommand(line: string): SshCommand | null {
  if (line.length > MAX_COMMAND_CHARS) return null;
  const git = GIT.exec(line)?.groups;
  const found = git ?? LFS.exec(line)?.groups;
  const repo = found && parseRepo(found['path']!);
  if (!found || !repo) return null;
  if (git) return { kind: git['kind'] as 'upload-pack', repo };
  return {
    kind: found['kind'] as 'lfs-transfer',
    repo,
    operation: found['operation'] as 'download',
  };
}

function parseRepo(path: string): RepoRef | null {
  const found = REPO.exec(path)?.groups;
  if (!found) return null;
  const types = (found['types'] ?? 'models') as TypeSegment;
  return repoRef({ types, namespace: found['namespace']!, name: found['name']! });
}
