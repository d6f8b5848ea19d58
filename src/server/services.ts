import type { Deps } from '../domain/deps.ts';
import { HealthService } from '../domain/ops/health.service.ts';
import { RepoAccessService } from '../domain/repo/repo-access.service.ts';

/** The one place where services meet. The order shows who depends on whom, so a cycle cannot be written. */
export function createServices(deps: Deps) {
  const health = new HealthService(deps);
  const access = new RepoAccessService(deps);
  return { health, access };
}

export type Services = ReturnType<typeof createServices>;
