import { Service } from '../service.ts';

export interface DependencyHealth {
  readonly name: 'database' | 'storage';
  readonly isUp: boolean;
  readonly latencyMs: number;
}

/** How long a dependency may take before it counts as down. */
const TIMEOUT_MS = 3000;

/** Asks what the hub cannot work without. Open to everybody, so it names no address and no error text. */
export class HealthService extends Service {
  #running: Promise<DependencyHealth[]> | null = null;

  /** All dependencies, checked at the same time. Who asks several times in one request is answered from one look. */
  check(): Promise<DependencyHealth[]> {
    this.#running ??= this.probeAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  private probeAll(): Promise<DependencyHealth[]> {
    const { sql, store } = this.deps;
    return Promise.all([
      this.probe('database', () => sql.query({ name: 'health', text: 'select 1 as one' })),
      this.probe('storage', () => store.checkHealth()),
    ]);
  }

  private async probe(
    name: DependencyHealth['name'],
    ask: () => Promise<unknown>,
  ): Promise<DependencyHealth> {
    const start = performance.now();
    const isUp = await Promise.race([
      ask().then(
        () => true,
        (error: unknown) => {
          this.deps.log.error({ err: error, dependency: name }, 'dependency is down');
          return false;
        },
      ),
      timeout(),
    ]);
    return { name, isUp, latencyMs: Math.round(performance.now() - start) };
  }
}

function timeout(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), TIMEOUT_MS).unref();
  });
}
