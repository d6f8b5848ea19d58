import { connect } from 'node:net';

const MAX_BYTES = 1024;

/**
 * What an SSH server calls itself (RFC 4253, section 4.2), such as `SSH-2.0-OpenSSH_9.6`.
 * @throws when nothing listens there, when something else does, and the signal's reason.
 */
export async function readSshBanner(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const socket = connect({ host, port });
  const onAbort = (): void => void socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    let text = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      const banner = /^(SSH-[\x20-\x7e]{1,251})\r?\n/m.exec(text)?.[1];
      if (banner !== undefined) return banner;
      if (text.length > MAX_BYTES) break;
    }
    throw new Error('what listens there does not speak SSH');
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}
