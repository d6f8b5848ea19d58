import { ZERO_OID } from '../../git/oid.ts';
import { encodeLines, FLUSH_PKT } from '../../git/pkt-line.ts';
import type { ProtocolVersion } from './advertisement.ts';
import type { AdvertisedRef } from './ref-lines.ts';

const CAPABILITIES = [
  'report-status',
  'report-status-v2',
  'delete-refs',
  'side-band-64k',
  'quiet',
  'atomic',
  'ofs-delta',
  'object-format=sha1',
];

/** How a Git client reached the hub. Over HTTP an answer names its service first. */
export type GitTransport = 'git-http' | 'git-ssh';

/** What `git receive-pack` says first: all refs, and what a push may use (gitprotocol-pack). Version 2 has no pushes. */
export function advertisePush(
  refs: readonly Pick<AdvertisedRef, 'name' | 'oid'>[],
  options: { readonly version: ProtocolVersion; readonly via: GitTransport; readonly agent: string },
): Buffer {
  const { version, via, agent } = options;
  const lines = refs.map(({ name, oid }) => `${oid} ${name}`);
  const [first, ...rest] = lines.length > 0 ? lines : [`${ZERO_OID} capabilities^{}`];
  return Buffer.concat([
    ...(via === 'git-http' ? [encodeLines(['# service=git-receive-pack']), FLUSH_PKT] : []),
    encodeLines([
      ...(version === 1 ? ['version 1'] : []),
      `${first}\0${[...CAPABILITIES, `agent=${agent}`].join(' ')}`,
      ...rest,
    ]),
    FLUSH_PKT,
  ]);
}
