import { ZERO_OID } from '../../git/oid.ts';
import { encodePkt, FLUSH_PKT } from '../../git/pkt-line.ts';
import type { ProtocolVersion } from './advertisement.ts';
import type { AdvertisedRef } from './git-refs.queries.ts';

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
    ...(via === 'git-http' ? [encodePkt('# service=git-receive-pack\n'), FLUSH_PKT] : []),
    ...(version === 1 ? [encodePkt('version 1\n')] : []),
    encodePkt(`${first}\0${[...CAPABILITIES, `agent=${agent}`].join(' ')}\n`),
    ...rest.map((line) => encodePkt(`${line}\n`)),
    FLUSH_PKT,
  ]);
}
