import { createTRPCClient, httpBatchLink, httpLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { LONE_QUERIES, MAX_BATCH } from '../trpc/max-batch.ts';
import type { AppRouter } from '../trpc/router.ts';
import { FetchEventSource } from './fetch-event-source.ts';
import { type Connection, createGraphqlClient } from './graphql-client.ts';

export { type FragmentType, readFragment } from './generated/fragment-masking.ts';
export * from './generated/graphql.ts';
export { GraphqlFailure, type GraphqlError } from './graphql-client.ts';
export type { AppRouter };

export interface HubClientOptions {
  /** Of the hub, such as `https://hub.example.org`. */
  readonly url: string;
  /** An access token. Without one the session cookie of a browser counts, where the page is the hub's own. */
  readonly token?: string | undefined;
  readonly fetch?: typeof fetch;
}

const MAX_URL_CHARS = 8000;

/**
 * Both typed doors of a hub, for browsers and Node: `graphql` and `subscribe` with documents, `trpc` with the procedures of
 * `AppRouter`.
 */
export function createHubClient({ url, token, fetch: given }: HubClientOptions) {
  const base = url.replace(/\/+$/, '');
  // Browsers want their own `fetch` called without an object.
  const send: typeof fetch = given ?? ((...args) => fetch(...args));
  const headers = (): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {});
  return {
    ...createGraphqlClient({ url: `${base}/graphql`, fetch: send, headers }),
    trpc: createTrpcClient({ url: `${base}/trpc`, fetch: send, headers }),
  };
}

export type HubClient = ReturnType<typeof createHubClient>;

/** Queries of a moment go together; each mutation, and each query with a large answer, goes alone. */
function createTrpcClient({ url, fetch, headers }: Connection) {
  const http = {
    url,
    headers,
    fetch: (input: unknown, init?: unknown) => fetch(input as string, init as RequestInit),
  };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource: FetchEventSource,
          eventSourceOptions: () => ({ fetch, headers: headers() }),
        }),
        false: splitLink({
          condition: ({ type, path }) => type === 'query' && !LONE_QUERIES.has(path),
          true: httpBatchLink({ ...http, maxItems: MAX_BATCH, maxURLLength: MAX_URL_CHARS }),
          false: httpLink(http),
        }),
      }),
    ],
  });
}
