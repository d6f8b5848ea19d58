import type { Listener } from '../src/domain/activity/activity.service.ts';
import type { SchemaContext } from './context.ts';

/** How long a client may take to read that his stream has ended. */
const CUT_OFF_MS = 10_000;

/** The caller as somebody who listens: until his connection closes, which is cut when he does not take the end of the stream. */
export function listenerOf({ client, reply }: SchemaContext): Listener {
  const gone = new AbortController();
  const { raw } = reply;
  if (raw.closed) gone.abort();
  else raw.once('close', () => gone.abort());
  // For nginx; others look at the media type.
  reply.header('x-accel-buffering', 'no');
  const onEnd = (): void => {
    if (raw.closed) return;
    const timer = setTimeout(() => raw.destroy(), CUT_OFF_MS).unref();
    raw.once('close', () => clearTimeout(timer));
  };
  return { address: client.address, signal: gone.signal, onEnd };
}
