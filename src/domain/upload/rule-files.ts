import type { Oid } from '../../git/oid.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { BlobService } from '../version/blob.service.ts';
import { MAX_PATHS, type TreeService } from '../version/tree.service.ts';
import type { TreeFile, TreeItem } from '../version/values.ts';
import { type AttributeRules, parseGitAttributes } from './git-attributes.ts';
import { type IgnoreRules, parseGitIgnore } from './git-ignore.ts';
import { foldersAbove, MAX_RULE_FILE_BYTES } from './path-pattern.ts';

/** The rules of a revision for some paths, by folder; the root is an empty string. */
export interface RuleFiles {
  readonly attributes: ReadonlyMap<string, AttributeRules>;
  readonly ignores: ReadonlyMap<string, IgnoreRules>;
}

/** Rule files that come with the request; each replaces the one in the root of the revision. */
export interface GivenRuleFiles {
  readonly gitAttributes: string | null;
  readonly gitIgnore: string | null;
}

export interface RuleSource {
  readonly access: RepoAccess;
  readonly commitOid: Oid;
  readonly trees: TreeService;
  readonly blobs: BlobService;
}

/**
 * Reads the rule files above the given paths. Files that are larger than 1 MiB or lie in LFS say nothing, as for Git, which cannot
 * read them either.
 */
export async function readRuleFiles(
  source: RuleSource,
  paths: readonly string[],
  given: GivenRuleFiles,
): Promise<RuleFiles> {
  const folders = await existingFolders(source, paths);
  const attributes = await readAll(source, folders, '.gitattributes');
  const ignores = await readAll(source, folders, '.gitignore');
  if (given.gitAttributes !== null) attributes.set('', Buffer.from(given.gitAttributes));
  if (given.gitIgnore !== null) ignores.set('', Buffer.from(given.gitIgnore));
  return {
    attributes: new Map([...attributes].map(([folder, bytes]) => [folder, parseGitAttributes(bytes)])),
    ignores: new Map([...ignores].map(([folder, bytes]) => [folder, parseGitIgnore(bytes)])),
  };
}

/** Level by level, so that new folders cost one look-up, however deep they are. */
async function existingFolders(source: RuleSource, paths: readonly string[]): Promise<readonly string[]> {
  const found = [''];
  let wanted = childrenOf(new Set(found), paths);
  while (wanted.size > 0) {
    const items = await lookUp(source, [...wanted]);
    const existing = items.filter((item) => item.kind === 'folder').map((item) => item.path);
    found.push(...existing);
    wanted = childrenOf(new Set(existing), paths);
  }
  return found;
}

/** The next folder on the way from one of the parents to one of the paths. */
function childrenOf(parents: ReadonlySet<string>, paths: readonly string[]): ReadonlySet<string> {
  const children = new Set<string>();
  for (const path of paths) {
    const folders = foldersAbove(path);
    for (let depth = 1; depth < folders.length; depth++) {
      if (parents.has(folders[depth - 1]!)) children.add(folders[depth]!);
    }
  }
  return children;
}

async function readAll(
  source: RuleSource,
  folders: readonly string[],
  name: string,
): Promise<Map<string, Buffer>> {
  const items = await lookUp(
    source,
    folders.map((folder) => (folder === '' ? name : `${folder}/${name}`)),
  );
  const files = items.filter((item): item is TreeFile => item.kind === 'file' && isReadable(item));
  const contents = new Map<string, Buffer>();
  for (const file of files) {
    const folder = file.path.slice(0, -name.length).replace(/\/$/, '');
    contents.set(folder, await source.blobs.read(source.access, file.oid, MAX_RULE_FILE_BYTES));
  }
  return contents;
}

function isReadable(file: TreeFile): boolean {
  return file.lfs === null && file.mode !== '120000' && file.sizeBytes <= MAX_RULE_FILE_BYTES;
}

async function lookUp(
  { trees, access, commitOid }: RuleSource,
  paths: readonly string[],
): Promise<readonly TreeItem[]> {
  const items: TreeItem[] = [];
  for (let start = 0; start < paths.length; start += MAX_PATHS) {
    const part = paths.slice(start, start + MAX_PATHS);
    items.push(...(await trees.paths(access, commitOid, part, { withLastCommit: false })));
  }
  return items;
}
