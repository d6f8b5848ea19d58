import { ZERO_OID } from '../../git/oid.ts';
import { encodeLines, FLUSH_PKT } from '../../git/pkt-line.ts';
import { MAIN_REF } from '../version/ref-names.ts';
import type { AdvertisedRef } from './git-refs.queries.ts';

/** Version of the wire protocol, as the `Git-Protocol` header asks for it. */
export type ProtocolVersion = 0 | 1 | 2;

const OBJECT_FORMAT = 'object-format=sha1';

/** Those of `git upload-pack` for one request at a time, which does the rest of the conversation. */
const UPLOAD_PACK_CAPABILITIES = [
  'multi_ack',
  'thin-pack',
  'side-band',
  'side-band-64k',
  'ofs-delta',
  'shallow',
  'deepen-since',
  'deepen-not',
  'deepen-relative',
  'no-progress',
  'include-tag',
  'multi_ack_detailed',
  'allow-reachable-sha1-in-want',
  'no-done',
  'filter',
  OBJECT_FORMAT,
];

/** The highest version that the header names and the hub speaks (gitprotocol-http, gitprotocol-v2). */
export function protocolVersion(header: string | undefined): ProtocolVersion {
  const named = (header ?? '').split(':');
  if (named.includes('version=2')) return 2;
  return named.includes('version=1') ? 1 : 0;
}

/** The answer to `GET info/refs?service=git-upload-pack` in version 2: what can be asked for. */
export function advertiseCommands(agent: string): Buffer {
  return Buffer.concat([serviceLine(), listCommands(agent)]);
}

/** The same as a conversation over SSH begins. */
export function listCommands(agent: string): Buffer {
  const lines = ['version 2', `agent=${agent}`, 'ls-refs=unborn', 'fetch=shallow filter', OBJECT_FORMAT];
  return Buffer.concat([encodeLines(lines), FLUSH_PKT]);
}

/** The same in versions 0 and 1: all refs, and what can be asked for behind the first one. */
export function advertiseRefs(version: 0 | 1, refs: readonly AdvertisedRef[], agent: string): Buffer {
  const head = headOf(refs);
  const capabilities = [
    ...UPLOAD_PACK_CAPABILITIES,
    ...(head ? [`symref=HEAD:${MAIN_REF}`] : []),
    `agent=${agent}`,
  ];
  const lines = [...(head ? [`${head.oid} HEAD`] : []), ...refs.flatMap(refLines)];
  if (lines.length === 0) lines.push(`${ZERO_OID} capabilities^{}`);
  const [first, ...rest] = lines;
  return Buffer.concat([
    serviceLine(),
    encodeLines([...(version === 1 ? ['version 1'] : []), `${first}\0${capabilities.join(' ')}`, ...rest]),
    FLUSH_PKT,
  ]);
}

/** What an `ls-refs` command of version 2 asks for. */
export interface LsRefs {
  readonly wantsSymrefs: boolean;
  readonly wantsPeeled: boolean;
  readonly wantsUnborn: boolean;
  /** Names that begin with one of these; empty for all. */
  readonly prefixes: readonly string[];
}

/** The answer to `ls-refs`. */
export function listRefs(refs: readonly AdvertisedRef[], asked: LsRefs): Buffer {
  const isWanted = ({ name }: { readonly name: string }): boolean =>
    asked.prefixes.length === 0 || asked.prefixes.some((prefix) => name.startsWith(prefix));
  const symref = asked.wantsSymrefs ? ` symref-target:${MAIN_REF}` : '';
  const head = headOf(refs);
  const lines: string[] = [];
  if (isWanted({ name: 'HEAD' })) {
    if (head) lines.push(`${head.oid} HEAD${symref}`);
    else if (asked.wantsUnborn) lines.push(`unborn HEAD${symref}`);
  }
  for (const ref of refs.filter(isWanted)) {
    const peeled = asked.wantsPeeled && ref.peeledOid ? ` peeled:${ref.peeledOid}` : '';
    lines.push(`${ref.oid} ${ref.name}${peeled}`);
  }
  return Buffer.concat([encodeLines(lines), FLUSH_PKT]);
}

function headOf(refs: readonly AdvertisedRef[]): AdvertisedRef | undefined {
  return refs.find((ref) => ref.name === MAIN_REF);
}

function refLines({ name, oid, peeledOid }: AdvertisedRef): string[] {
  return [`${oid} ${name}`, ...(peeledOid ? [`${peeledOid} ${name}^{}`] : [])];
}

function serviceLine(): Buffer {
  return Buffer.concat([encodeLines(['# service=git-upload-pack']), FLUSH_PKT]);
}
