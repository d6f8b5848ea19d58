import type { Connection, ServerChannel } from 'ssh2';

/**
 * What ssh2 1.17 keeps to itself and the hub has to know, because the package trusts its clients in these points. The tests of hostile
 * clients show that it is still so.
 */
interface Internals {
  readonly _protocol?: { readonly _queue?: readonly unknown[] | undefined };
}

interface Flow {
  /** Bytes that may be sent now. */
  readonly window: number;
  readonly packetSize: number;
}

/** Whether packets wait for the end of a key exchange. ssh2 keeps as many as it is given. */
export function isExchangingKeys(client: Connection): boolean {
  return (client as Internals)._protocol?._queue !== undefined;
}

/** What the client said that it takes on a channel. With a packet size of 0, ssh2 would send empty packets for ever. */
export function outgoingFlow(channel: ServerChannel): Flow {
  return (channel as unknown as { readonly outgoing: Flow }).outgoing;
}
