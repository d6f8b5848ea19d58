import type { Connection, ServerChannel } from 'ssh2';

/**
 * What ssh2 1.17 keeps to itself and the hub has to know, because the package trusts its clients in these points. The tests of hostile
 * clients show that it is still so.
 */
interface Internals {
  readonly _protocol?: Protocol;
}

interface Protocol {
  readonly _queue?: readonly unknown[] | undefined;
  /** Of the exchange of keys that is under way, or was last. */
  readonly _kex: { remoteExtInfoEnabled: boolean };
  readonly _cipher: { allocPacket(payloadBytes: number): Buffer; encrypt(packet: Buffer): void };
  _onHandshakeComplete: (...negotiated: readonly unknown[]) => void;
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

const EXT_INFO = 7;
/** Where the payload of a packet begins. */
const PAYLOAD_AT = 5;

/**
 * Tells a client by which algorithms it may sign its login (RFC 8308 3.1), once the first keys are exchanged. ssh2 does it too, but forgets a
 * comma in front of `rsa-sha2-512`, which clients then do not use, and names `ssh-rsa`. Call it before the exchange of keys.
 */
export function announceSignatures(client: Connection, algorithms: readonly string[]): void {
  const protocol = (client as Internals)._protocol!;
  const complete = protocol._onHandshakeComplete;
  protocol._onHandshakeComplete = (...negotiated) => {
    protocol._onHandshakeComplete = complete;
    if (protocol._kex.remoteExtInfoEnabled) sendExtInfo(protocol, algorithms);
    protocol._kex.remoteExtInfoEnabled = false;
    complete(...negotiated);
  };
}

function sendExtInfo({ _cipher: cipher }: Protocol, algorithms: readonly string[]): void {
  const payload = Buffer.concat([
    Buffer.of(EXT_INFO, 0, 0, 0, 1),
    sshString('server-sig-algs'),
    sshString(algorithms.join(',')),
  ]);
  const packet = cipher.allocPacket(payload.length);
  packet.set(payload, PAYLOAD_AT);
  cipher.encrypt(packet);
}

function sshString(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

/** What the client said that it takes on a channel. With a packet size of 0, ssh2 would send empty packets for ever. */
export function outgoingFlow(channel: ServerChannel): Flow {
  return (channel as unknown as { readonly outgoing: Flow }).outgoing;
}
