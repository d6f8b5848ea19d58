import type { UserActor } from '../../src/domain/actor.ts';
import { RepoMoved } from '../../src/domain/errors.ts';
import { protocolVersion } from '../../src/domain/git/advertisement.ts';
import type { LfsOperation } from '../../src/domain/lfs/lfs-credentials.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import type { ChannelIo } from './channel-io.ts';
import { transferLfs } from './lfs-transfer.ts';
import type { SshCommand } from './ssh-command.ts';
import type { SshServices } from './ssh-services.ts';

/** One command of a user who has logged in. */
export interface CommandCall {
  readonly actor: UserActor;
  readonly command: SshCommand;
  /** `GIT_PROTOCOL` of the client. */
  readonly protocol: string | undefined;
  readonly io: ChannelIo;
  readonly services: SshServices;
  /** For what outlives one question: another set of services, which remembers nothing. */
  readonly newServices: () => SshServices;
  readonly signal: AbortSignal;
}

/** Runs a command to its end. A repository with a new name is found by the old one. @throws what the services throw. */
export async function runCommand(call: CommandCall): Promise<void> {
  const { command, io } = call;
  try {
    await run(call, command.repo);
  } catch (error) {
    if (!(error instanceof RepoMoved)) throw error;
    const { type, namespace, name } = error.target;
    io.say(`${error.message}\n`);
    await run(call, { type, namespace, name } as RepoRef);
  }
}

function run(call: CommandCall, repo: RepoRef): Promise<void> {
  switch (call.command.kind) {
    case 'upload-pack':
      return uploadPack(call, repo);
    case 'receive-pack':
      return receivePack(call, repo);
    case 'lfs-authenticate':
      return lfsAuthenticate(call, repo, call.command.operation);
    default:
      return transferLfs(call, repo, call.command.operation);
  }
}

async function uploadPack(
  { actor, protocol, io, services, signal }: CommandCall,
  repo: RepoRef,
): Promise<void> {
  const session = { protocol, input: io.input(), signal };
  for await (const bytes of services.gitSessions.uploadPack(actor, repo, session)) await io.write(bytes);
}

async function receivePack(
  { actor, protocol, io, services, signal }: CommandCall,
  repo: RepoRef,
): Promise<void> {
  const via = 'git-ssh';
  const version = protocolVersion(protocol);
  await io.write(await services.gitPushes.advertise(actor, repo, { version, via }));
  const call = { input: io.input(), signal, via } as const;
  for await (const bytes of await services.gitPushes.receivePack(actor, repo, call)) await io.write(bytes);
}

/** https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md#ssh */
async function lfsAuthenticate(
  { actor, io, services }: CommandCall,
  repo: RepoRef,
  operation: LfsOperation,
): Promise<void> {
  const { href, authorization, expiresAt } = await services.lfsSsh.authenticate(actor, repo, operation);
  const answer = {
    href,
    header: { Authorization: authorization },
    expires_at: expiresAt.toISOString(),
    expires_in: Math.floor((expiresAt.getTime() - Date.now()) / 1000),
  };
  await io.write(Buffer.from(`${JSON.stringify(answer)}\n`));
}
