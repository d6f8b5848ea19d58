/** Path and query of a request's URL; the query is null where there is no question mark. */
export function splitUrl(url: string): { readonly path: string; readonly query: string | null } {
  const at = url.indexOf('?');
  return at === -1 ? { path: url, query: null } : { path: url.slice(0, at), query: url.slice(at + 1) };
}
