import { DomainError, Unauthenticated } from '../../src/domain/errors.ts';
import type { LfsOperation } from '../../src/domain/lfs/lfs-credentials.ts';
import { LfsLockTaken } from '../../src/domain/lfs/lfs-lock.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { DELIM_PKT, encodePkt, FLUSH_PKT, MAX_PKT_PAYLOAD_BYTES } from '../../src/git/pkt-line.ts';
import { toWireError } from '../errors.ts';
import { answerTransfer, lockArgs, type TransferAnswer } from './lfs-transfer-commands.ts';
import { TransferReader, type TransferRequest } from './lfs-transfer-reader.ts';
import { oneLine } from './one-line.ts';
import type { CommandCall } from './run-command.ts';

const CAPABILITIES = ['version=1', 'locking'];

/**
 * `git-lfs-transfer`: LFS objects and locks on the SSH connection itself. Every request is answered as a request over HTTP is:
 * the key, the account and the rights are looked up again.
 * @throws what `LfsTransferService.begin` throws: then nothing was said, and git-lfs tries `git-lfs-authenticate`.
 */
export async function transferLfs(call: CommandCall, repo: RepoRef, operation: LfsOperation): Promise<void> {
  await call.services.lfsTransfers.begin(call.actor, repo, operation);
  await new Conversation(call, { repo, operation }).run();
}

class Conversation {
  readonly #call: CommandCall;
  readonly #subject: { readonly repo: RepoRef; readonly operation: LfsOperation };
  readonly #reader: TransferReader;

  constructor(call: CommandCall, subject: { readonly repo: RepoRef; readonly operation: LfsOperation }) {
    this.#call = call;
    this.#subject = subject;
    this.#reader = new TransferReader((isBetween) => call.io.input(isBetween));
  }

  async run(): Promise<void> {
    const { io } = this.#call;
    await io.write(Buffer.concat([...CAPABILITIES.map(textPkt), FLUSH_PKT]));
    for (let answer = await this.next(); answer; answer = await this.next()) await this.write(answer);
  }

  /** The answer to the next request; null when there is none. */
  private async next(): Promise<TransferAnswer | null> {
    try {
      const request = await this.#reader.next();
      return request && (await this.answer(request));
    } catch (error) {
      if (this.#call.signal.aborted) throw error;
      if (error instanceof DomainError) return refusal(error);
      await this.write({ status: 500, lines: ['Internal error of the hub.'] });
      throw error;
    }
  }

  private async answer(request: TransferRequest): Promise<TransferAnswer> {
    const { actor, newServices, signal } = this.#call;
    if (request.command === 'quit') {
      this.#reader.end();
      return { status: 200 };
    }
    const services = newServices();
    const user = await services.sshKeys.refresh(actor);
    if (!user) {
      this.#reader.end();
      throw new Unauthenticated();
    }
    const reader = this.#reader;
    return answerTransfer({ ...this.#subject, actor: user, services, request, reader, signal });
  }

  /** @throws when the client has gone, or the bytes end early: then the client gets no end of the answer. */
  private async write({ status, args = [], lines, body }: TransferAnswer): Promise<void> {
    const { io } = this.#call;
    const head = [`status ${status}`, ...args].map(textPkt);
    const texts = lines || body ? [DELIM_PKT, ...(lines ?? []).map(textPkt)] : [];
    try {
      await io.write(Buffer.concat([...head, ...texts, ...(body ? [] : [FLUSH_PKT])]));
      if (!body) return;
      for await (const chunk of body as AsyncIterable<Buffer>)
        for (let at = 0; at < chunk.length; at += MAX_PKT_PAYLOAD_BYTES)
          await io.write(encodePkt(chunk.subarray(at, at + MAX_PKT_PAYLOAD_BYTES)));
      await io.write(FLUSH_PKT);
    } finally {
      body?.destroy();
    }
  }
}

function refusal(error: DomainError): TransferAnswer {
  const { status, code, message } = toWireError(error);
  const lines = [oneLine(message)];
  if (error instanceof LfsLockTaken) return { status, args: lockArgs(error.lock), lines };
  // The object, or the repository under this name, is what was asked for.
  const isMissing = code === 'LfsObjectMissing' || code === 'RepoMoved';
  return { status: isMissing ? 404 : status, lines };
}

function textPkt(text: string): Buffer {
  return encodePkt(`${text}\n`);
}
