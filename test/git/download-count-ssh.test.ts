import { beforeEach, expect, vi } from 'vitest';
import { downloadsOf, sessionsOf, stopClock } from '../support/download-counts.ts';
import { it } from './ssh-hub.ts';

beforeEach(() => {
  stopClock();
  return () => void vi.useRealTimers();
});

it.for(['0', '1', '2'] as const)(
  'a clone over SSH by protocol version %s is one download, looking is none',
  async (version, { ssh, terminal, client }) => {
    const { user, key } = await ssh.sshUser(terminal);
    const git = terminal
      .git(client, key)
      .with({ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: version });
    const repo = await ssh.repo(user);
    await git.git('ls-remote', ssh.sshRemote(repo));
    expect(await downloadsOf(ssh.hub, repo)).toBe(0);
    await git.git('clone', '-q', ssh.sshRemote(repo), 'c');
    await git.in('c', 'fetch', '-q');
    expect(await sessionsOf(ssh.hub, repo)).toEqual([
      expect.objectContaining({ fileCount: 1, isAuthenticated: true }),
    ]);
    expect(await downloadsOf(ssh.hub, repo)).toBe(1);
  },
);
