import { initContextCache } from '@pothos/core';
import type { SchemaContext } from '../context.ts';

/** The last event of a stream that ended with an error. */
export interface StreamFailure {
  readonly kind: 'failure';
  readonly error: unknown;
}

/**
 * A stream for `subscribe`. An error ends it with a last event, which `eventOf` throws: so it reaches the client as an error of GraphQL,
 * with path and code, and not as a broken connection.
 */
export async function* eventsOf<Event>(
  stream: AsyncIterable<Event>,
): AsyncGenerator<Event | StreamFailure, undefined> {
  try {
    yield* stream;
  } catch (error) {
    yield { kind: 'failure', error };
  }
}

/** The event of a stream, for `resolve`; its fields are read anew, by services and loaders that remember nothing of earlier events. */
export function eventOf<Event extends { readonly kind: string }>(
  event: Event | StreamFailure,
  context: SchemaContext,
): Event {
  if (isFailure(event)) throw event.error;
  Object.assign(context, { services: context.openServices() }, initContextCache());
  return event;
}

function isFailure(event: { readonly kind: string }): event is StreamFailure {
  return event.kind === 'failure';
}
