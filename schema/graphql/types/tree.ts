import type { RevisionOfRepo } from '../../../src/domain/download/browse.service.ts';
import { type FileText, MAX_TEXT_BYTES } from '../../../src/domain/download/file-text.ts';
import { BadRequest } from '../../../src/domain/errors.ts';
import { fileUrl } from '../../../src/domain/repo/repo-ref.ts';
import type {
  LastCommit,
  LfsTarget,
  TreeFile,
  TreeFolder,
  TreeItem,
} from '../../../src/domain/version/values.ts';
import type { SchemaContext } from '../../context.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionOf } from '../connection.ts';
import { COST, textCost } from '../../costs.ts';
import { costlyPage } from '../costs.ts';
import { RevisionObject } from './revision.ts';

/** A file or folder, and where it was looked for. */
interface EntryAt<Item extends TreeItem = TreeItem> {
  readonly revision: RevisionOfRepo;
  readonly item: Item;
}

export const LfsTargetObject = builder.objectRef<LfsTarget>('LfsTarget').implement({
  description: 'What a pointer of Git LFS points to.',
  fields: (t) => ({
    sha256: t.exposeString('sha256'),
    sizeBytes: t.expose('sizeBytes', { type: 'SafeInt' }),
    pointerSizeBytes: t.expose('pointerSizeBytes', { type: 'SafeInt' }),
  }),
});

const LastCommitObject = builder.objectRef<LastCommit>('LastCommit').implement({
  description: 'The newest commit that changed a path.',
  fields: (t) => ({
    oid: t.exposeString('oid'),
    title: t.exposeString('title'),
    committedAt: t.expose('committedAt', { type: 'DateTime' }),
  }),
});

const FileTextObject = builder.objectRef<FileText>('FileText').implement({
  description: 'The beginning of a file as text.',
  fields: (t) => ({
    content: t.exposeString('content', { nullable: true, description: 'Null for a binary file' }),
    isBinary: t.exposeBoolean('isBinary'),
    isTruncated: t.exposeBoolean('isTruncated', { description: 'Whether the file goes on' }),
  }),
});

const TreeEntryInterface = builder.interfaceRef<EntryAt>('TreeEntry').implement({
  description: 'A file or folder of a revision.',
  resolveType: ({ item }) => (item.kind === 'file' ? 'File' : 'Folder'),
  fields: (t) => ({
    path: t.string({ resolve: ({ item }) => item.path }),
    name: t.string({ resolve: ({ item }) => item.path.slice(item.path.lastIndexOf('/') + 1) }),
    oid: t.string({
      description: 'Of the blob or tree in Git; of an LFS file that of its pointer',
      resolve: ({ item }) => item.oid,
    }),
    lastCommit: t.loadable({
      type: LastCommitObject,
      nullable: true,
      description: 'Null when it lies too far back to be found',
      complexity: COST.lastCommit,
      load: (entries: EntryAt[], { services, actor }) =>
        services.browse.lastCommits(
          actor,
          entries.map(({ revision: { repo, commitOid }, item: { path } }) => ({ repo, commitOid, path })),
        ),
      resolve: (entry) => entry,
    }),
  }),
});

const DEFAULT_TEXT_BYTES = 64 * 1024;

const FileObject = builder.objectRef<EntryAt<TreeFile>>('File').implement({
  interfaces: [TreeEntryInterface],
  fields: (t) => ({
    mode: t.string({ description: 'As in Git, such as `100644`', resolve: ({ item }) => item.mode }),
    sizeBytes: t.field({
      type: 'SafeInt',
      description: 'Of the content, also of an LFS file',
      resolve: ({ item }) => item.sizeBytes,
    }),
    lfs: t.field({ type: LfsTargetObject, nullable: true, resolve: ({ item }) => item.lfs }),
    xetHash: t.string({
      nullable: true,
      description: 'How Xet names the content',
      resolve: ({ item }) => item.xetHash ?? null,
    }),
    downloadUrl: t.string({
      nullable: true,
      description: 'Of this version; null for a name that no URL can hold',
      resolve: ({ revision: { repo, commitOid }, item: { path } }, _args, { config }) =>
        fileUrl(config.baseUrl, repo, { revision: commitOid, path }),
    }),
    text: t.field({
      type: FileTextObject,
      nullable: true,
      description: 'For those who may read the files',
      args: {
        maxBytes: t.arg.int({
          required: true,
          defaultValue: DEFAULT_TEXT_BYTES,
          description: '1 to 1048576',
        }),
      },
      complexity: ({ maxBytes }) => textCost(maxBytes),
      resolve: ({ revision: { repo, commitOid }, item: { path } }, { maxBytes }, { services, actor }) =>
        services.resolve.text(actor, { repo, revision: commitOid, path }, parseMaxBytes(maxBytes)),
    }),
  }),
});

builder.objectRef<EntryAt<TreeFolder>>('Folder').implement({ interfaces: [TreeEntryInterface] });

const TreeEntryConnection = builder.connectionObject({
  type: TreeEntryInterface,
  name: 'TreeEntryConnection',
});

builder.objectFields(RevisionObject, (t) => ({
  tree: t.field({
    type: TreeEntryConnection,
    nullable: true,
    description:
      'A folder: first the folders in it, then the files, in byte order. All pages are of the commit of the first',
    args: {
      ...pageArgs,
      path: t.arg.string({ required: true, defaultValue: '', description: 'The root when it is left out' }),
      isRecursive: t.arg.boolean({ required: true, defaultValue: false }),
    },
    complexity: costlyPage(COST.page),
    resolve: (revision, { path, isRecursive, ...args }, { services, actor }) =>
      connectionOf(args, async (page) => {
        const { repo, commitOid } = revision;
        const folder = {
          ...page,
          path: path.replace(/\/$/, ''),
          recursive: isRecursive,
          withLastCommit: false,
        };
        const found = await services.browse.folder(actor, { repo, revision: commitOid }, folder);
        return { ...found, items: found.items.map((item) => ({ revision, item })) };
      }),
  }),
  entry: t.field({
    type: TreeEntryInterface,
    nullable: true,
    args: { path: t.arg.string({ required: true }) },
    complexity: COST.page,
    resolve: (revision, { path }, context) => entryAt(revision, path, context),
  }),
  file: t.field({
    type: FileObject,
    nullable: true,
    description: 'Null for a folder, too',
    args: { path: t.arg.string({ required: true }) },
    complexity: COST.page,
    resolve: (revision, { path }, context) => fileAt(revision, path, context),
  }),
  readme: t.field({
    type: FileObject,
    nullable: true,
    description: 'Its `README.md`',
    complexity: COST.page,
    resolve: (revision, _args, context) => fileAt(revision, 'README.md', context),
  }),
}));

async function entryAt(
  revision: RevisionOfRepo,
  path: string,
  { services, actor }: SchemaContext,
): Promise<EntryAt | null> {
  const { repo, commitOid } = revision;
  const wanted = { paths: [path], withLastCommit: false };
  const [item] = await services.browse.paths(actor, { repo, revision: commitOid }, wanted);
  return item ? { revision, item } : null;
}

async function fileAt(
  revision: RevisionOfRepo,
  path: string,
  context: SchemaContext,
): Promise<EntryAt<TreeFile> | null> {
  const entry = await entryAt(revision, path, context);
  return entry?.item.kind === 'file' ? { revision, item: entry.item } : null;
}

function parseMaxBytes(maxBytes: number): number {
  if (maxBytes >= 1 && maxBytes <= MAX_TEXT_BYTES) return maxBytes;
  throw new BadRequest(`maxBytes: ask for 1 to ${MAX_TEXT_BYTES} bytes.`);
}
