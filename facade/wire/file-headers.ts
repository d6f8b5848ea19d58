import { create as contentDisposition } from 'content-disposition';
import mime from 'mime';
import type { FoundFile, OpenFile, XetLink } from '../../src/domain/download/resolve.service.ts';
import { repoApiUrl } from '../../src/domain/repo/repo-ref.ts';

/** What a download shows of itself in a browser; anything else is saved. */
const SHOWN = /^(?:text\/plain|application\/(?:json|pdf)|image\/|audio\/|video\/)/;
/** Documents and scripts that a browser would run in the name of the hub. */
const ACTIVE = /^text\/|[/+]xml$|html|javascript|ecmascript/;
/** Files of strangers: even when a browser opens one, it runs nothing and loads nothing. */
const CONTAINED = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
};

export interface Asked {
  /** The URL names a commit by its full id. */
  readonly isPinned: boolean;
  /** The file is to be saved, also when a browser could show it. */
  readonly isDownload: boolean;
  /** Public URL of the hub. */
  readonly baseUrl: string;
}

/** The ETag of a file: the SHA-256 of an LFS file, the Git blob id of a regular one, as tree listings name them. */
export function etagOf({ item }: FoundFile): string {
  return `"${item.lfs?.sha256 ?? item.oid}"`;
}

/**
 * Everything that HEAD and GET say about a file, except what depends on the bytes sent. huggingface_hub reads `X-Repo-Commit`, and
 * `X-Linked-Etag` and `X-Linked-Size` before `ETag` and `Content-Length`.
 */
export function fileHeaders(
  found: FoundFile,
  { isPinned, isDownload, baseUrl }: Asked,
): Record<string, string> {
  const { access, revision, item } = found;
  const etag = etagOf(found);
  const contentType = contentTypeOf(item.path);
  const isShown = !isDownload && SHOWN.test(contentType);
  const linked = item.lfs && { 'x-linked-etag': etag, 'x-linked-size': String(item.sizeBytes) };
  return {
    'x-repo-commit': revision.commitOid,
    etag,
    'accept-ranges': 'bytes',
    'cache-control': cacheControl({
      isPublic: !access.isPrivate && access.gated === null,
      isPinned,
    }),
    'content-type': contentType,
    'content-disposition': contentDisposition(fileName(item.path), {
      type: isShown ? 'inline' : 'attachment',
    }),
    ...CONTAINED,
    ...linked,
    ...xetHeaders(found, baseUrl),
  };
}

/** What a client says that wants to fetch the file by Xet and needs to know only how. */
const XET_FILE_INFO = 'application/vnd.xet-fileinfo+json';

/** Whether the client asks for how to fetch the file by Xet, instead of the file. */
export function wantsXetFileInfo(accept: string | undefined): boolean {
  return accept?.includes(XET_FILE_INFO) ?? false;
}

/**
 * The answer to that. huggingface.js reads the headers; the body says the same to people.
 * @param headers those of the file.
 */
export function xetFileInfo({ item, xet }: FoundFile & { xet: XetLink }, headers: Record<string, string>) {
  // They are the file's, and this is not the file: `X-Linked-Etag` names it.
  const { etag: _etag, 'content-disposition': _disposition, 'accept-ranges': _ranges, ...rest } = headers;
  return {
    headers: { ...rest, 'content-type': XET_FILE_INFO },
    body: JSON.stringify({
      hash: xet.hash,
      size: item.sizeBytes,
      etag: headers['x-linked-etag'],
      reconstructionUrl: xet.reconstructionUrl,
    }),
  };
}

/** Where Xet clients get a token for the file's repository, and how to put the file together. */
function xetHeaders({ access, revision, xet }: FoundFile, baseUrl: string): Record<string, string> | null {
  if (!xet) return null;
  const tokenUrl = `${repoApiUrl(baseUrl, access)}/xet-read-token/${revision.commitOid}`;
  return {
    'x-xet-hash': xet.hash,
    link: `<${tokenUrl}>; rel="xet-auth", <${xet.reconstructionUrl}>; rel="xet-reconstruction-info"`,
    // `Accept` decides between the file and how to fetch it.
    vary: 'accept',
  };
}

/** `Content-Range` of a part of a file. */
export function contentRangeOf({
  offsetBytes,
  lengthBytes,
  sizeBytes,
}: Pick<OpenFile, 'offsetBytes' | 'lengthBytes' | 'sizeBytes'>): string {
  return `bytes ${offsetBytes}-${offsetBytes + lengthBytes - 1}/${sizeBytes}`;
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toWellFormed();
}

function contentTypeOf(path: string): string {
  const type = mime.getType(path) ?? 'application/octet-stream';
  return ACTIVE.test(type) ? 'text/plain; charset=utf-8' : type;
}

/** A commit never changes, so what is named by one may be kept; but only what everybody may read, and only by shared caches then. */
function cacheControl({ isPublic, isPinned }: { isPublic: boolean; isPinned: boolean }): string {
  if (!isPublic) return 'private, no-cache';
  // A client keeps what it got; caches between ask again soon, because the repository may have become private.
  return isPinned ? 'public, max-age=31536000, s-maxage=300, immutable' : 'no-cache';
}
