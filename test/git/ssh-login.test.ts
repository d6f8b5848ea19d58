import { describe, expect } from 'vitest';
import { it, KEY_KINDS } from './ssh-hub.ts';

describe('a login', () => {
  it.for(KEY_KINDS)(
    'by a key of type $type is greeted by name',
    async ({ args, type }, { ssh, terminal }) => {
      const user = await ssh.user();
      const key = await terminal.keyPair(args);
      expect(key.line.startsWith(`${type} `)).toBe(true);
      await ssh.addKey(user, key);
      const end = await terminal.ssh(ssh.door, key, {}, '-T');
      expect(end).toEqual({
        code: 0,
        stdout: '',
        stderr:
          `Hi ${user.name}, you are logged in to Kohaku Hub. It has no shell, but it knows Git.\r\n`.replace(
            '\r',
            '',
          ),
      });
    },
  );
});
