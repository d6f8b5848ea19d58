import { splitUrl } from './split-url.ts';

/**
 * `Link` for the next page, as `huggingface_hub.utils.paginate` follows it: absolute, the same request with another cursor.
 * @param url path and query of this request. @param cursor null on the last page.
 */
export function nextLink(baseUrl: string, url: string, cursor: string | null): Record<string, string> {
  if (cursor === null) return {};
  const { path, query } = splitUrl(url);
  const params = new URLSearchParams(query ?? '');
  params.set('cursor', cursor);
  return { link: `<${baseUrl}${path}?${params.toString()}>; rel="next"` };
}
