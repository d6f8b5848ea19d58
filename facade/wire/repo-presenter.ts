import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import type { RepoType } from '../../src/domain/repo/repo.entity.ts';
import type { RepoFile, RepoInfo } from '../../src/domain/repo/repo-info.service.ts';
import { BadRequest } from '../../src/domain/errors.ts';
import { wireDate } from './dates.ts';

/** A JSON object; undefined fields are left out. */
export type Wire = Readonly<Record<string, unknown>>;

/** 24 hexadecimal digits, as the ids of the Hugging Face Hub look. */
export function wireId(id: number): string {
  return id.toString(16).padStart(24, '0');
}

/** What `wireId` makes, of ids that a JavaScript number can be. */
export const WIRE_ID = /^0{11}[0-9a-f]{13}$/;

/** Repository info as `ModelInfo`, `DatasetInfo` and `SpaceInfo` of huggingface_hub parse it. */
export function presentRepoInfo(info: RepoInfo): Wire {
  return {
    ...presentListedRepo(info),
    cardData: info.repo.card ?? undefined,
    'model-index': cardField(info, 'model-index', 'model'),
    safetensors: info.repo.safetensors ?? undefined,
    models: cardField(info, 'models', 'space'),
    datasets: cardField(info, 'datasets', 'space'),
    siblings: info.files?.map(presentFile),
    usedStorage: info.repo.usedBytes,
  };
}

/** A repository in a list that asks for nothing more. */
export function presentListedRepo({ repo, commitOid }: RepoInfo): Wire {
  const isModel = repo.type === 'model';
  return {
    _id: wireId(repo.id),
    id: repo.fullName,
    modelId: isModel ? repo.fullName : undefined,
    author: repo.namespace,
    sha: commitOid,
    lastModified: wireDate(repo.lastModifiedAt),
    createdAt: wireDate(repo.createdAt),
    private: repo.isPrivate,
    gated: repo.gated ?? false,
    disabled: repo.isDisabled,
    downloads: repo.downloads,
    likes: repo.likesCount,
    trendingScore: repo.trendingScore,
    tags: repo.tags,
    pipeline_tag: (isModel && repo.pipelineTag) || undefined,
    library_name: (isModel && repo.libraryName) || undefined,
    sdk: repo.sdk ?? undefined,
  };
}

type Field = (info: RepoInfo) => unknown;

const COMMON_FIELDS = {
  author: ({ repo }) => repo.namespace,
  cardData: ({ repo }) => repo.card ?? undefined,
  createdAt: ({ repo }) => wireDate(repo.createdAt),
  disabled: ({ repo }) => repo.isDisabled,
  lastModified: ({ repo }) => wireDate(repo.lastModifiedAt),
  likes: ({ repo }) => repo.likesCount,
  private: ({ repo }) => repo.isPrivate,
  resourceGroup: () => null,
  sha: ({ commitOid }) => commitOid,
  siblings: ({ files }) => files?.map(presentFile),
  tags: ({ repo }) => repo.tags,
  trendingScore: ({ repo }) => repo.trendingScore,
  usedStorage: ({ repo }) => repo.usedBytes,
  /** Clients from 0.30 to 0.35 ask whether to upload by Xet. */
  xetEnabled: () => true,
  gitalyUid: unknown,
} as const satisfies Record<string, Field>;

const DOWNLOAD_FIELDS = {
  downloads: ({ repo }) => repo.downloads,
  downloadsAllTime: ({ repo }) => repo.downloadsAllTime,
  gated: ({ repo }) => repo.gated ?? false,
} as const satisfies Record<string, Field>;

/** What `expand` may ask for. Fields that this hub knows nothing about are accepted and left out of the answer. */
const FIELDS: Readonly<Record<RepoType, Readonly<Record<string, Field>>>> = {
  model: {
    ...COMMON_FIELDS,
    ...DOWNLOAD_FIELDS,
    baseModels: unknown,
    childrenModelCount: unknown,
    config: unknown,
    evalResults: unknown,
    gguf: unknown,
    inference: unknown,
    inferenceProviderMapping: unknown,
    library_name: ({ repo }) => repo.libraryName ?? undefined,
    mask_token: unknown,
    'model-index': (info) => cardField(info, 'model-index', 'model'),
    pipeline_tag: ({ repo }) => repo.pipelineTag ?? undefined,
    safetensors: ({ repo }) => repo.safetensors ?? undefined,
    spaces: unknown,
    transformersInfo: unknown,
    widgetData: (info) => cardField(info, 'widget', 'model'),
  },
  dataset: {
    ...COMMON_FIELDS,
    ...DOWNLOAD_FIELDS,
    citation: unknown,
    description: unknown,
    mainSize: unknown,
    paperswithcode_id: (info) => cardField(info, 'paperswithcode_id', 'dataset'),
  },
  space: {
    ...COMMON_FIELDS,
    datasets: (info) => cardField(info, 'datasets', 'space'),
    models: (info) => cardField(info, 'models', 'space'),
    region: unknown,
    runtime: unknown,
    sdk: ({ repo }) => repo.sdk ?? undefined,
    subdomain: unknown,
  },
};

function unknown(): undefined {
  return undefined;
}

/** @throws {BadRequest} in the words that huggingface_hub's users know. */
export function checkExpand(type: RepoType, expand: readonly string[]): void {
  const fields = FIELDS[type];
  if (expand.every((name) => Object.hasOwn(fields, name))) return;
  throw new BadRequest(`"expand" must be one of [${Object.keys(fields).toSorted().join(', ')}]`);
}

/** Only the fields that were asked for, and the ids. The names were checked by `checkExpand`. */
export function presentExpanded(info: RepoInfo, expand: readonly string[]): Wire {
  const fields = FIELDS[info.repo.type];
  const asked = expand.map((name) => [name, fields[name]?.(info)] as const);
  return { _id: wireId(info.repo.id), id: info.repo.fullName, ...Object.fromEntries(asked) };
}

function presentFile({ path, oid, sizeBytes, lfs }: RepoFile): Wire {
  if (sizeBytes === undefined) return { rfilename: path };
  return {
    rfilename: path,
    size: sizeBytes,
    blobId: oid,
    lfs: lfs ? { sha256: lfs.sha256, size: lfs.sizeBytes, pointerSize: lfs.pointerSizeBytes } : undefined,
  };
}

function cardField({ repo }: { readonly repo: RepoAccess }, name: string, type: RepoType): unknown {
  return repo.type === type && repo.card && Object.hasOwn(repo.card, name) ? repo.card[name] : undefined;
}
