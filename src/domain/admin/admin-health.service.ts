import { isIPv6 } from 'node:net';
import { readSshBanner } from '../../lib/ssh-banner.ts';
import { type Actor, requireAdmin, requireUser } from '../actor.ts';
import { Service } from '../service.ts';

export const DEPENDENCIES = ['database', 'storage', 'git', 'mail', 'ssh'] as const;
export type DependencyName = (typeof DEPENDENCIES)[number];

/** `off`: the hub is configured to do without it. */
export const DEPENDENCY_STATES = ['ok', 'down', 'off'] as const;

/** One thing that the hub works with. */
export interface DependencyReport {
  readonly name: DependencyName;
  readonly status: (typeof DEPENDENCY_STATES)[number];
  /** What answered: a version, or which kind of thing it is. Null when nothing did. */
  readonly version: string | null;
  /** Null when nothing was asked. */
  readonly latencyMs: number | null;
  /** Why it is down or off. */
  readonly problem: string | null;
}

/** How long a dependency may take before it counts as down. */
const TIMEOUT_MS = 3000;
const MAX_PROBLEM_CHARS = 300;

/** Something to ask, or why it is off. */
type Probe = ((signal: AbortSignal) => Promise<string>) | { readonly off: string };

/** Asks everything that this node works with. For administrators: it names versions, and what the matter is. */
export class AdminHealthService extends Service {
  /** All dependencies, asked at the same time, within three seconds. @throws {Unauthenticated} @throws {Forbidden} */
  async check(actor: Actor): Promise<readonly DependencyReport[]> {
    requireAdmin(requireUser(actor));
    const probes: Readonly<Record<DependencyName, Probe>> = {
      database: () => this.askDatabase(),
      storage: () => this.askStorage(),
      git: (signal) => this.deps.git.runner.version(signal),
      mail: this.mailProbe(),
      ssh: this.sshProbe(),
    };
    return Promise.all(DEPENDENCIES.map((name) => report(name, probes[name])));
  }

  private async askDatabase(): Promise<string> {
    const [row] = await this.deps.sql.query<{ version: string }>({
      name: 'admin-server-version',
      text: `select current_setting('server_version') as version`,
    });
    return `PostgreSQL ${row?.version ?? ''}`;
  }

  private async askStorage(): Promise<string> {
    await this.deps.store.checkHealth();
    return this.deps.config.s3 ? 'S3' : 'directory';
  }

  private mailProbe(): Probe {
    const { smtp } = this.deps.config;
    if (!smtp) return { off: 'No mail server is configured: mails are written to the log.' };
    return async () => {
      await this.deps.mailer.check();
      return 'SMTP';
    };
  }

  private sshProbe(): Probe {
    const { ssh } = this.deps.config;
    if (!ssh) return { off: 'SSH is switched off.' };
    if (ssh.port === 0)
      return { off: 'SSH has no port of its own to be asked at: it takes any that is free.' };
    return (signal) => readSshBanner({ host: reachable(ssh.host), port: ssh.port }, signal);
  }
}

/** Who listens everywhere is asked at home. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return isIPv6(host) && /^[0:]+$/.test(host) ? '::1' : host;
}

async function report(name: DependencyName, probe: Probe): Promise<DependencyReport> {
  if (typeof probe !== 'function') {
    return { name, status: 'off', version: null, latencyMs: null, problem: probe.off };
  }
  const start = performance.now();
  const latencyMs = (): number => Math.round(performance.now() - start);
  try {
    const version = await withinTime(probe);
    return { name, status: 'ok', version, latencyMs: latencyMs(), problem: null };
  } catch (error) {
    const problem = (error instanceof Error ? error.message : String(error)).slice(0, MAX_PROBLEM_CHARS);
    return { name, status: 'down', version: null, latencyMs: latencyMs(), problem };
  }
}

/** Not everything that is asked heeds the signal; nobody waits longer for that. */
async function withinTime(probe: (signal: AbortSignal) => Promise<string>): Promise<string> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const late = new Error(`no answer within ${TIMEOUT_MS / 1000} seconds`);
    controller.abort(late);
    reject(late);
  }, TIMEOUT_MS);
  try {
    return await Promise.race([probe(controller.signal), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
