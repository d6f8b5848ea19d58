import ssh2, { type AuthContext, type PublicKeyAuthContext } from 'ssh2';
import type { UserActor } from '../../src/domain/actor.ts';
import type { SshServices } from './ssh-services.ts';

/** How a login may be signed: by every type of key that may be added, and never with SHA-1 but for DSA, which knows nothing else. */
export const SIGNATURE_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-dss',
] as const;
/** As everywhere: the key says who it is, the name says only that Git is meant. */
const USER_NAME = 'git';

/**
 * Answers one try to log in. The first of two for a key only asks whether it may be used; the second one is signed.
 * Whoever shows a key learns whether somebody may log in by it, which is how SSH works, and nothing else: unknown keys, keys of
 * suspended accounts and other user names get the same answer.
 * @returns the user who is logged in now, or null.
 */
export async function answerLogin(context: AuthContext, services: SshServices): Promise<UserActor | null> {
  if (context.method !== 'publickey') {
    context.reject(['publickey']);
    return null;
  }
  const actor = await services.sshKeys.identify(context.key.data);
  const isUsable = actor !== null && context.username === USER_NAME && isStrong(context);
  const isProved = isUsable && context.signature !== undefined && isSignedBy(context);
  if (isUsable && (isProved || context.signature === undefined)) context.accept();
  else context.reject(['publickey']);
  if (!isProved) return null;
  services.sshKeys.noteLogin(actor);
  return actor;
}

/** RSA with SHA-1, which has no name of its own here, is refused as OpenSSH refuses it since 8.8. */
function isStrong({ key, hashAlgo }: PublicKeyAuthContext): boolean {
  return key.algo !== 'ssh-rsa' || hashAlgo !== undefined;
}

function isSignedBy({ key, blob, signature, hashAlgo }: PublicKeyAuthContext): boolean {
  const parsed = ssh2.utils.parseKey(key.data);
  if (parsed instanceof Error || !blob || !signature || parsed.type !== key.algo) return false;
  // It may be an error, whatever its type says.
  const answer: unknown = parsed.verify(blob, signature, hashAlgo);
  return answer === true;
}
