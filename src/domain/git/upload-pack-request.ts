import { parsePkts, type Pkt, pktText } from '../../git/pkt-line.ts';
import { BadRequest } from '../errors.ts';
import type { LsRefs, ProtocolVersion } from './advertisement.ts';

/** What the body of `POST git-upload-pack` asks for. */
export type UploadPackRequest =
  /** Nothing: clients send a flush alone to try their credentials before a long body. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'ls-refs'; readonly asked: LsRefs }
  /** The conversation about a pack, which the git program answers. */
  | { readonly kind: 'fetch' };

/** A conversation names commits by the thousand, but not more than this: 50 bytes each. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
const MAX_REQUEST_LINES = 250_000;
/** As in Git: with more, the client gets all refs and picks for itself. */
const MAX_PREFIXES = 1000;
const FETCH_LINE = /^(?:want|have|shallow|deepen|deepen-since|deepen-not|filter) |^(?:done|deepen-relative)$/;

/** @throws {BadRequest} when the body is not made of lines, or asks for what the hub does not do. */
export function parseUploadPackRequest(version: ProtocolVersion, body: Buffer): UploadPackRequest {
  const pkts = parsePkts(body, { totalBytes: MAX_REQUEST_BYTES, count: MAX_REQUEST_LINES });
  return version === 2 ? parseCommand(pkts) : parseConversation(pkts);
}

/** Versions 0 and 1: `want`, `have` and their like (gitprotocol-pack). */
function parseConversation(pkts: Iterable<Pkt>): UploadPackRequest {
  let kind: 'nothing' | 'fetch' = 'nothing';
  for (const pkt of pkts) {
    if (pkt.kind === 'flush') continue;
    if (pkt.kind !== 'data' || !FETCH_LINE.test(pktText(pkt.payload))) throw unexpected(pkt);
    kind = 'fetch';
  }
  return { kind };
}

/** Version 2: one command with its arguments (gitprotocol-v2). */
function parseCommand(pkts: Iterable<Pkt>): UploadPackRequest {
  let command: string | null = null;
  let isBehindDelim = false;
  const args: string[] = [];
  for (const pkt of pkts) {
    if (pkt.kind === 'flush') break;
    if (pkt.kind === 'response-end') throw unexpected(pkt);
    if (pkt.kind === 'delim') isBehindDelim = true;
    else if (isBehindDelim) args.push(pktText(pkt.payload));
    else command = commandOf(pktText(pkt.payload)) ?? command;
  }
  if (command === null) {
    if (args.length > 0) throw new BadRequest('The Git request names no command.');
    return { kind: 'nothing' };
  }
  if (command === 'fetch') return { kind: 'fetch' };
  if (command === 'ls-refs') return { kind: 'ls-refs', asked: parseLsRefs(args) };
  throw new BadRequest('This hub does not know that Git command. It offers ls-refs and fetch.');
}

function commandOf(line: string): string | null {
  if (line.startsWith('command=')) return line.slice('command='.length);
  if (line.startsWith('object-format=') && line !== 'object-format=sha1') {
    throw new BadRequest('Repositories of this hub have SHA-1 object ids.');
  }
  return null;
}

function parseLsRefs(args: readonly string[]): LsRefs {
  const prefixes = args
    .filter((arg) => arg.startsWith('ref-prefix '))
    .map((arg) => arg.slice('ref-prefix '.length));
  return {
    wantsSymrefs: args.includes('symrefs'),
    wantsPeeled: args.includes('peel'),
    wantsUnborn: args.includes('unborn'),
    prefixes: prefixes.length > MAX_PREFIXES ? [] : prefixes,
  };
}

function unexpected(pkt: Pkt): BadRequest {
  const what = pkt.kind === 'data' ? JSON.stringify(pktText(pkt.payload).slice(0, 80)) : `a ${pkt.kind}`;
  return new BadRequest(`The Git request has ${what} where it does not belong.`);
}
