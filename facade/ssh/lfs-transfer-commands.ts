import type { Readable } from 'node:stream';
import type { UserActor } from '../../src/domain/actor.ts';
import { BadRequest, Forbidden } from '../../src/domain/errors.ts';
import type { LfsObjectAnswer } from '../../src/domain/lfs/lfs-batch.ts';
import type { LfsOperation } from '../../src/domain/lfs/lfs-credentials.ts';
import type { HeldLock } from '../../src/domain/lfs/lfs-lock.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import { wireDate } from '../wire/dates.ts';
import type { TransferReader, TransferRequest } from './lfs-transfer-reader.ts';
import type { SshServices } from './ssh-services.ts';

/** One request of git-lfs with all that it takes to answer it. */
export interface TransferTurn {
  readonly actor: UserActor;
  readonly repo: RepoRef;
  readonly operation: LfsOperation;
  readonly services: SshServices;
  readonly request: TransferRequest;
  readonly reader: TransferReader;
  readonly signal: AbortSignal;
}

export interface TransferAnswer {
  readonly status: number;
  readonly args?: readonly string[];
  /** Without lines or a body, the answer ends after its arguments. */
  readonly lines?: readonly string[];
  /** Whoever writes the answer drains or destroys it. */
  readonly body?: Readable;
}

type Command = (turn: TransferTurn) => Promise<TransferAnswer>;

/** https://github.com/git-lfs/git-lfs/blob/main/docs/proposals/ssh_adapter.md */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['version', version],
  ['batch', batch],
  ['get-object', getObject],
  ['put-object', putObject],
  ['verify-object', verifyObject],
  ['lock', lock],
  ['list-lock', listLocks],
  // git-lfs before 3.4 calls it so when it pushes.
  ['list-locks', listLocks],
  ['unlock', unlock],
]);

/** Answers one request. What the request has is read to its end, whatever the answer is. @throws what the services throw. */
export async function answerTransfer(turn: TransferTurn): Promise<TransferAnswer> {
  const command = COMMANDS.get(turn.request.command);
  if (command === putObject || command === batch) return command(turn);
  await turn.reader.finish();
  if (!command) throw new BadRequest('This hub does not know this command of git-lfs.');
  return command(turn);
}

async function version({ request }: TransferTurn): Promise<TransferAnswer> {
  if (request.subject !== '1')
    throw new BadRequest('This hub speaks version 1 of the protocol of git-lfs, and no other.');
  return { status: 200, lines: [] };
}

async function batch({
  actor,
  repo,
  operation,
  services,
  request,
  reader,
}: TransferTurn): Promise<TransferAnswer> {
  const objects = (await reader.lines()).map(parseObject);
  const hashAlgo = request.args.get('hash-algo') ?? 'sha256';
  const refName = request.args.get('refname') || null;
  const asked = { operation, objects, hashAlgo, refName };
  const answers = await services.lfsTransfers.batch(actor, repo, asked);
  const line = operation === 'upload' ? uploadLine : downloadLine;
  return { status: 200, args: ['hash-algo=sha256'], lines: answers.map(line) };
}

async function getObject({
  actor,
  repo,
  operation,
  services,
  request,
}: TransferTurn): Promise<TransferAnswer> {
  requireSession(operation, 'download');
  const sizeBytes = request.args.has('size') ? parseSize(request.args.get('size')) : null;
  const { body, ...read } = await services.lfsTransfers.open(actor, repo, {
    oid: request.subject,
    sizeBytes,
  });
  return { status: 200, args: [`size=${read.sizeBytes}`], body };
}

async function putObject(turn: TransferTurn): Promise<TransferAnswer> {
  const { actor, repo, operation, services, request, reader, signal } = turn;
  try {
    requireSession(operation, 'upload');
    const sizeBytes = parseSize(request.args.get('size'));
    const body = reader.body(sizeBytes);
    const sent = { oid: request.subject, sizeBytes, body, signal };
    await services.lfsTransfers.put(actor, repo, sent);
  } finally {
    await reader.finish();
  }
  return { status: 200, lines: [] };
}

async function verifyObject(turn: TransferTurn): Promise<TransferAnswer> {
  const { actor, repo, operation, services, request } = turn;
  requireSession(operation, 'upload');
  const sizeBytes = parseSize(request.args.get('size'));
  await services.lfsTransfers.verify(actor, repo, { oid: request.subject, sizeBytes });
  return { status: 200 };
}

async function lock({ actor, repo, operation, services, request }: TransferTurn): Promise<TransferAnswer> {
  requireSession(operation, 'upload');
  const path = parseRepoPath(request.args.get('path') ?? '');
  return { status: 201, args: lockArgs(await services.lfsLocks.lock(actor, repo, path)) };
}

async function listLocks({
  actor,
  repo,
  services,
  request: { args },
}: TransferTurn): Promise<TransferAnswer> {
  const path = args.get('path') || null;
  const { locks, nextCursor } = await services.lfsLocks.list(actor, repo, {
    path: path === null ? null : parseRepoPath(path),
    id: args.get('id') || null,
    cursor: args.get('cursor') || null,
    limit: args.get('limit') ? parseSize(args.get('limit'), 'limit') || null : null,
  });
  return {
    status: 200,
    args: nextCursor === null ? [] : [`next-cursor=${nextCursor}`],
    lines: locks.flatMap((held) => lockLines(held, actor)),
  };
}

async function unlock({ actor, repo, operation, services, request }: TransferTurn): Promise<TransferAnswer> {
  requireSession(operation, 'upload');
  const isForced = request.args.get('force') === 'true';
  const ended = await services.lfsLocks.unlock(actor, repo, { id: request.subject, isForced });
  return { status: 200, args: lockArgs(ended) };
}

/** All four fields: git-lfs takes no answer without one of them. */
export function lockArgs({ id, path, lockedAt, ownerName }: HeldLock): string[] {
  return [`id=${id}`, `path=${path}`, `locked-at=${wireDate(lockedAt)}`, `ownername=${ownerName}`];
}

function lockLines({ id, path, lockedAt, ownerName, ownerId }: HeldLock, actor: UserActor): string[] {
  return [
    `lock ${id}`,
    `path ${id} ${path}`,
    `locked-at ${id} ${wireDate(lockedAt)}`,
    `ownername ${id} ${ownerName}`,
    `owner ${id} ${ownerId === actor.id ? 'ours' : 'theirs'}`,
  ];
}

/** The protocol has no errors of single objects: one that cannot be taken refuses the whole, before any bytes travel. */
function uploadLine({ oid, sizeBytes, actions, error }: LfsObjectAnswer): string {
  if (error) throw error;
  const upload = actions?.upload;
  if (!upload) return `${oid} ${sizeBytes} noop`;
  return `${oid} ${sizeBytes} upload expires-at=${wireDate(upload.expiresAt)}`;
}

/** What cannot be given is said when the client asks for it, so that it gets the others. */
function downloadLine({ oid, sizeBytes }: LfsObjectAnswer): string {
  return `${oid} ${sizeBytes} download`;
}

function parseObject(line: string): { readonly oid: string; readonly sizeBytes: number } {
  const [oid = '', size] = line.split(' ');
  return { oid, sizeBytes: parseSize(size) };
}

function parseSize(text: string | undefined, name = 'size'): number {
  const size = /^\d{1,16}$/.test(text ?? '') ? Number(text) : NaN;
  if (Number.isSafeInteger(size)) return size;
  throw new BadRequest(`${name} must be a whole number, 0 or more.`);
}

function requireSession(operation: LfsOperation, wanted: LfsOperation): void {
  if (operation !== wanted) throw new Forbidden(`This is for "git-lfs-transfer … ${wanted}" only.`);
}
