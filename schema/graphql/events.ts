import { initContextCache } from '@pothos/core';
import type { SchemaContext } from '../context.ts';

/** An event on its way from `subscribe` to `resolve`, or the error that ended the stream. */
export interface Sent<Event> {
  readonly result: { readonly event: Event } | { readonly error: unknown };
  /** Whether it came to `resolve`. */
  isTaken: boolean;
}

/**
 * A stream for `subscribe`. An error ends it with a last event, which `eventOf` throws: so it reaches the client as an error of GraphQL,
 * with path and code, and not as a broken connection. A stream whose events are refused before `resolve`, because each would cost too
 * much, ends with the first.
 */
export async function* eventsOf<Event>(stream: AsyncIterable<Event>): AsyncGenerator<Sent<Event>, undefined> {
  try {
    for await (const event of stream) {
      const sent = { result: { event }, isTaken: false };
      yield sent;
      if (!sent.isTaken) return;
    }
  } catch (error) {
    yield { result: { error }, isTaken: false };
  }
}

/** The event, for `resolve`; its fields are read anew, by services and loaders that remember nothing of earlier events. */
export function eventOf<Event>(sent: Sent<Event>, context: SchemaContext): Event {
  sent.isTaken = true;
  if ('error' in sent.result) throw sent.result.error;
  Object.assign(context, { services: context.openServices() }, initContextCache());
  return sent.result.event;
}
