/**
 * Stands for the types of `@whatwg-node/fetch` (see `paths` in tsconfig.json), which bring the globals of browsers along:
 * with them, `name` and `window` would be values everywhere, and `fetch` would take other bodies than Node's.
 */
export declare const Response: typeof globalThis.Response;
export declare function createFetch(): Pick<
  typeof globalThis,
  | 'fetch'
  | 'Request'
  | 'Response'
  | 'Headers'
  | 'FormData'
  | 'ReadableStream'
  | 'WritableStream'
  | 'TransformStream'
  | 'Blob'
  | 'File'
  | 'crypto'
  | 'btoa'
  | 'TextEncoder'
  | 'TextDecoder'
  | 'URL'
  | 'URLSearchParams'
>;
