import { isUtf8 } from 'node:buffer';
import { isOid, type Oid, ZERO_OID } from '../../git/oid.ts';
import { parsePkts, pktText } from '../../git/pkt-line.ts';
import { BadRequest } from '../errors.ts';

/** What a push wants of one ref (gitprotocol-pack, "Reference Update Request"). */
export interface PushCommand {
  /** As the client sent it; `refusalOf` in `push-rules.ts` judges it. */
  readonly refName: string;
  /** What the client believes the ref to be at; null when it believes there is none. */
  readonly oldOid: Oid | null;
  /** Null deletes the ref. */
  readonly newOid: Oid | null;
}

export interface PushRequest {
  readonly commands: readonly PushCommand[];
  readonly wantsReport: boolean;
  readonly hasSideband: boolean;
  readonly isAtomic: boolean;
  /** The client has only a part of history. */
  readonly isShallow: boolean;
  /** What follows the commands: the pack, unless all commands delete. It may stay open behind the pack. */
  readonly pack: AsyncIterable<Buffer>;
}

/** A push of 20,000 refs with names of usual length. */
export const MAX_COMMAND_BYTES = 4 * 1024 * 1024;
const MAX_COMMANDS = 20_000;
const LENGTH_BYTES = 4;
/** A name that goes back into a report must be one line there. */
// eslint-disable-next-line no-control-regex -- that is what it is about
const COMMAND = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0-\x1f\x7f]{1,4096})$/;

/**
 * Reads the commands of a push, and nothing behind them.
 * @returns null for none: clients send a flush alone to try their credentials before a long body.
 * @throws {BadRequest} when it is not Git's protocol, or uses what the hub does not offer.
 */
export async function readPushRequest(input: AsyncIterable<Buffer>): Promise<PushRequest | null> {
  const chunks = input[Symbol.asyncIterator]();
  const { lines, rest } = await readToFlush(chunks);
  if (lines.length === 0) return null;
  return { ...parseCommands(lines), pack: continued(rest, chunks) };
}

function parseCommands(lines: readonly Buffer[]): Omit<PushRequest, 'pack'> {
  const commands: PushCommand[] = [];
  let capabilities: readonly string[] = [];
  let isShallow = false;
  for (const line of lines) {
    if (isShallowLine(line)) {
      isShallow = true;
      continue;
    }
    const end = commands.length === 0 ? line.indexOf(0) : -1;
    if (end >= 0) capabilities = pktText(line.subarray(end + 1)).split(' ');
    commands.push(parseCommand(end >= 0 ? line.subarray(0, end) : line));
  }
  if (commands.length === 0) throw new BadRequest('The push has no commands.');
  refuseRepeated(commands);
  const offered = new Set(capabilities);
  refuseUnknown(offered);
  return {
    commands,
    wantsReport: offered.has('report-status') || offered.has('report-status-v2'),
    hasSideband: offered.has('side-band-64k'),
    isAtomic: offered.has('atomic'),
    isShallow,
  };
}

function isShallowLine(line: Buffer): boolean {
  const text = line.length <= 64 ? pktText(line) : '';
  return text.startsWith('shallow ') && isOid(text.slice('shallow '.length));
}

function parseCommand(line: Buffer): PushCommand {
  if (!isUtf8(line)) throw new BadRequest('The push names a ref that is not UTF-8. Rename it.');
  const [, oldOid, newOid, refName] = COMMAND.exec(pktText(line)) ?? [];
  if (oldOid === undefined || newOid === undefined || refName === undefined) {
    throw new BadRequest(
      'The push has a command that is not Git’s. Signed pushes and SHA-256 are not offered.',
    );
  }
  return { refName, oldOid: orNull(oldOid as Oid), newOid: orNull(newOid as Oid) };
}

function orNull(oid: Oid): Oid | null {
  return oid === ZERO_OID ? null : oid;
}

function refuseRepeated(commands: readonly PushCommand[]): void {
  if (new Set(commands.map((command) => command.refName)).size < commands.length)
    throw new BadRequest('The push changes one ref twice.');
}

function refuseUnknown(capabilities: ReadonlySet<string>): void {
  for (const name of capabilities) {
    if (name.startsWith('object-format=') && name !== 'object-format=sha1')
      throw new BadRequest('Repositories of this hub have SHA-1 object ids.');
  }
  if (capabilities.has('push-options')) throw new BadRequest('This hub does not take push options.');
}

/** Bytes of the lines, and what came with them. A pack is not made of lines, so that reading must stop at the flush. */
async function readToFlush(
  chunks: AsyncIterator<Buffer>,
): Promise<{ lines: readonly Buffer[]; rest: Buffer }> {
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  for (;;) {
    const end = endOfCommands(bytes, at);
    if (end.isFlush) return { lines: dataOf(bytes.subarray(0, end.at)), rest: bytes.subarray(end.at) };
    at = end.at;
    if (bytes.length > MAX_COMMAND_BYTES)
      throw new BadRequest('The push has too many commands. Push fewer refs at once.');
    const { done, value } = await chunks.next();
    if (done) {
      if (bytes.length === 0) return { lines: [], rest: bytes };
      throw new BadRequest('The push ends in the middle of its commands.');
    }
    bytes = bytes.length === 0 ? value : Buffer.concat([bytes, value]);
  }
}

/** Behind the flush, or else the start of the first line that is not here as a whole. */
function endOfCommands(bytes: Buffer, from: number): { at: number; isFlush: boolean } {
  let at = from;
  while (bytes.length >= at + LENGTH_BYTES) {
    const digits = bytes.toString('latin1', at, at + LENGTH_BYTES);
    const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : NaN;
    if (length === 0) return { at: at + LENGTH_BYTES, isFlush: true };
    if (!(length > LENGTH_BYTES)) throw new BadRequest('The push has a line with a wrong length.');
    if (bytes.length < at + length) break;
    at += length;
  }
  return { at, isFlush: false };
}

function dataOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (const pkt of parsePkts(bytes, { totalBytes: 2 * MAX_COMMAND_BYTES, count: MAX_COMMANDS }))
    if (pkt.kind === 'data') lines.push(pkt.payload);
  return lines;
}

async function* continued(rest: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (rest.length > 0) yield rest;
  for (let read = await chunks.next(); !read.done; read = await chunks.next()) yield read.value;
}
