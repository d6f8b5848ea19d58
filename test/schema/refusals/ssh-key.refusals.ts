import { randomBytes } from 'node:crypto';
import type { RefusalRows } from './rows.ts';

const NOBODYS = 999_999;

/** A key that nobody has: its shape is all that the hub can see. */
function newKey(): { readonly title: string; readonly key: string } {
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(randomBytes(32))]);
  return { title: 'laptop', key: `ssh-ed25519 ${blob.toString('base64')}` };
}

/** A text of the format of SSH: its length in four bytes, then its bytes. */
function part(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
}

export const sshKeyRefusals: RefusalRows = {
  graphql: {
    addSshKey: { input: newKey, stranger: null },
    deleteSshKey: { input: () => ({ id: btoa(`SshKey:${NOBODYS}`) }), stranger: 'NotFound' },
  },
  trpc: {
    'sshKeys.add': { input: newKey, stranger: null },
    'sshKeys.delete': { input: () => ({ id: NOBODYS }), stranger: 'NotFound' },
  },
};
