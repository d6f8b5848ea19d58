import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { DomainErrorCode } from '../../src/domain/errors.ts';
import { readServerEvents } from './server-events.ts';

/** A document that codegen has made, or the text of one: a hub that is not open takes only the former. */
export type Document<Result, Variables> = TypedDocumentNode<Result, Variables> | string;

export interface CallOptions {
  /** Ends the call, and what the hub does for a query. */
  readonly signal?: AbortSignal | undefined;
}

/** What follows a document; variables are left out where it has none that are required. */
export type CallOf<Variables> =
  Record<string, never> extends Variables
    ? [variables?: Variables, options?: CallOptions]
    : [variables: Variables, options?: CallOptions];

/** An error of an operation, as the hub sends it. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code: DomainErrorCode | 'ServerError';
    readonly [detail: string]: unknown;
  };
}

/** An operation that failed, wholly or in part. What a mutation's result union names is no failure, but a result. */
export class GraphqlFailure extends Error {
  override readonly name = 'GraphqlFailure';
  readonly code: DomainErrorCode | 'ServerError';
  readonly errors: readonly GraphqlError[];
  /** What could be read nevertheless. */
  readonly data: unknown;

  constructor(errors: readonly GraphqlError[], data: unknown) {
    super(errors.map(({ message }) => message).join('\n'));
    this.code = errors[0]?.extensions.code ?? 'ServerError';
    this.errors = errors;
    this.data = data;
  }
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphqlError[];
}

export interface Connection {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly headers: () => Record<string, string>;
}

/** The calls of GraphQL over one connection. */
export function createGraphqlClient(connection: Connection) {
  return { graphql, subscribe };

  /** Runs a query or a mutation. @throws {GraphqlFailure} */
  async function graphql<Result, Variables>(
    document: Document<Result, Variables>,
    ...[variables, { signal } = {}]: CallOf<Variables>
  ): Promise<Result> {
    const accept = 'application/graphql-response+json, application/json';
    const response = await send(connection, { document, variables, accept, signal });
    return resultOf((await response.json()) as Answer) as Result;
  }

  /** Follows a subscription; leaving the loop ends it, and the signal does at any time. @throws {GraphqlFailure} */
  async function* subscribe<Result, Variables>(
    document: Document<Result, Variables>,
    ...[variables, { signal } = {}]: CallOf<Variables>
  ): AsyncGenerator<Result> {
    const response = await send(connection, { document, variables, accept: 'text/event-stream', signal });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      resultOf((await response.json()) as Answer);
      return;
    }
    for await (const { type, data } of readServerEvents(response.body!)) {
      if (type === 'complete') return;
      if (type === 'next') yield resultOf(JSON.parse(data) as Answer) as Result;
    }
  }
}

interface Operation {
  readonly document: object | string;
  readonly variables: unknown;
  readonly accept: string;
  readonly signal: AbortSignal | undefined;
}

function send({ url, fetch, headers }: Connection, operation: Operation): Promise<Response> {
  const { document, variables, accept, signal = null } = operation;
  return fetch(url, {
    method: 'POST',
    headers: { ...headers(), accept, 'content-type': 'application/json' },
    body: JSON.stringify({ ...nameOf(document), variables }),
    signal,
  });
}

function nameOf(document: object | string): { query: string } | { documentId: string } {
  if (typeof document === 'string') return { query: document };
  const { hash } = (document as { readonly __meta__?: { readonly hash?: string } }).__meta__ ?? {};
  if (!hash) throw new TypeError('This document has no id: write it into schema/documents and run codegen.');
  return { documentId: hash };
}

function resultOf({ data, errors }: Answer): unknown {
  if (errors && errors.length > 0) throw new GraphqlFailure(errors, data);
  return data;
}
