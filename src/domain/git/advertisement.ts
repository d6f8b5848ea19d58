import { type Oid, ZERO_OID } from '../../git/oid.ts';
import { encodeLines, FLUSH_PKT } from '../../git/pkt-line.ts';
import { MAIN_REF } from '../version/ref-names.ts';
import {
  type AdvertisedRef,
  filterRefLines,
  oidOfBranch,
  parseRefLines,
  type RefLines,
} from './ref-lines.ts';

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
export function advertiseRefs(version: 0 | 1, refs: RefLines, agent: string): Buffer {
  const head = oidOfBranch(refs, MAIN_REF);
  const capabilities = [
    ...UPLOAD_PACK_CAPABILITIES,
    ...(head ? [`symref=HEAD:${MAIN_REF}`] : []),
    `agent=${agent}`,
  ];
  const lines = [...(head ? [`${head} HEAD`] : []), ...parseRefLines(refs).flatMap(linesOf)];
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
export function listRefs(refs: RefLines, asked: LsRefs): Buffer {
  const isWanted = asked.prefixes.length === 0 ? null : nameFilter(asked.prefixes);
  const wanted = isWanted ? filterRefLines(refs, isWanted) : refs;
  const head = isWanted?.('HEAD') === false ? [] : headLine(oidOfBranch(refs, MAIN_REF), asked);
  const told = asked.wantsPeeled ? Buffer.from(wanted) : encodeLines(parseRefLines(wanted).map(plainLine));
  return Buffer.concat([encodeLines(head), told, FLUSH_PKT]);
}

function headLine(oid: Oid | null, { wantsSymrefs, wantsUnborn }: LsRefs): string[] {
  if (oid === null && !wantsUnborn) return [];
  return [`${oid ?? 'unborn'} HEAD${wantsSymrefs ? ` symref-target:${MAIN_REF}` : ''}`];
}

function plainLine({ oid, name }: AdvertisedRef): string {
  return `${oid} ${name}`;
}

/**
 * Whether a name begins with one of these. Those that begin with another are left out; then the last one that does not sort behind the name
 * is the only one it can begin with, so that ten thousand names and a thousand prefixes are no ten million comparisons.
 */
function nameFilter(prefixes: readonly string[]): (name: string) => boolean {
  const starts: string[] = [];
  for (const prefix of prefixes.toSorted(byCodeUnits)) {
    if (starts.length === 0 || !prefix.startsWith(starts.at(-1)!)) starts.push(prefix);
  }
  return (name) => {
    let [from, to] = [0, starts.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (starts[middle]! <= name) from = middle + 1;
      else to = middle;
    }
    return from > 0 && name.startsWith(starts[from - 1]!);
  };
}

function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function linesOf(ref: AdvertisedRef): string[] {
  const { name, peeledOid } = ref;
  return [plainLine(ref), ...(peeledOid ? [`${peeledOid} ${name}^{}`] : [])];
}

function serviceLine(): Buffer {
  return Buffer.concat([encodeLines(['# service=git-upload-pack']), FLUSH_PKT]);
}
