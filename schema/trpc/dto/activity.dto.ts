import type { RepoActivity } from '../../../src/domain/activity/activity.ts';
import { commitDto } from './commit.dto.ts';

/** An event as subscriptions hand it on: JSON values, dates as ISO 8601 in UTC. */
export function activityDto(event: RepoActivity) {
  if (event.kind !== 'ref') return event;
  const { kind, repoId, refName, oldOid, newOid, commit, at } = event;
  return {
    kind,
    repoId,
    refName,
    oldOid: oldOid as string | null,
    newOid: newOid as string | null,
    commit: commit && commitDto(commit),
    at: at.toISOString(),
  };
}
