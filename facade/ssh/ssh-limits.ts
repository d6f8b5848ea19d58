/** What one client may take, and for how long. */
export interface SshLimits {
  /** To log in. */
  readonly loginMs: number;
  /** For a connection on which nothing runs. */
  readonly idleMs: number;
  /** For a command whose client says nothing when it is its turn. A large push is packed for minutes before it is sent. */
  readonly inputMs: number;
  /** Between two requests for LFS objects: git-lfs opens eight conversations, and one may have a file that takes hours. */
  readonly pauseMs: number;
  /** For a command whose client takes nothing of what it gets. */
  readonly outputMs: number;
  /** For one command. */
  readonly commandMs: number;
  /** Tries to log in on one connection: each key of the client's agent is one. */
  readonly loginTries: number;
  /** Connections that are not logged in. */
  readonly newConnections: number;
  /** Commands at once on one connection; git-lfs runs eight. */
  readonly channels: number;
  /** Channels in the life of a connection. */
  readonly channelsInTotal: number;
}

const MINUTE_MS = 60_000;

export const SSH_LIMITS: SshLimits = {
  loginMs: 30_000,
  idleMs: 15 * MINUTE_MS,
  inputMs: 10 * MINUTE_MS,
  pauseMs: 120 * MINUTE_MS,
  outputMs: MINUTE_MS,
  commandMs: 24 * 60 * MINUTE_MS,
  loginTries: 20,
  newConnections: 64,
  channels: 10,
  channelsInTotal: 1000,
};
