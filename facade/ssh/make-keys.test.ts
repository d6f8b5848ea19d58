import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { parseSshPublicKey } from '../../src/domain/auth/ssh-public-key.ts';
import { makeEcdsaKey, makeEd25519Key } from './make-keys.ts';

it.each([
  ['ssh-ed25519', makeEd25519Key],
  ['ecdsa-sha2-nistp256', makeEcdsaKey],
])('makes keys of type %s, each of which can be used', (type, make) => {
  // One of 256 begins with a zero.
  for (let round = 0; round < 1000; round++) {
    const key = ssh2.utils.parseKey(make());
    if (key instanceof Error) throw key;
    expect([key.type, key.isPrivateKey()]).toEqual([type, true]);
    const text = `${type} ${key.getPublicSSH().toString('base64')}`;
    expect(parseSshPublicKey(text).type).toBe(type);
    const answer: unknown = key.verify('data', key.sign('data'));
    expect(answer).toBe(true);
  }
});
