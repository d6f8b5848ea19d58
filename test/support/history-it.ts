import { test as base } from 'vitest';
import { ANONYMOUS } from '../../src/domain/actor.ts';
import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import type { Hub } from '../../src/server/hub.ts';
import { StoredHistory } from './stored-history.ts';
import { openTestHub } from './test-hub.ts';

/** A repository whose store a test fills commit by commit. */
export interface BareRepo {
  readonly access: RepoAccess;
  readonly history: StoredHistory;
  readonly userId: number;
}

/** Tests of the version store alone: `hub`, and `bareRepo()`, which makes a repository without any commit. */
export const it = base
  .extend('hub', { scope: 'file' }, async ({}, { onCleanup }) => {
    const test = await openTestHub();
    onCleanup(() => test.close());
    return test.hub;
  })
  .extend(
    'bareRepo',
    { scope: 'file' },
    ({ hub }) =>
      () =>
        makeBareRepo(hub),
  );

async function makeBareRepo(hub: Hub): Promise<BareRepo> {
  const name = `r${crypto.randomUUID().slice(0, 8)}`;
  const [row] = await hub.deps.sql.query<{ user_id: number; store_id: number }>({
    text: `
      with owner as (insert into account (kind, name, normalized_name) values ('user', $1, $1) returning id),
        repo as (
          insert into repo (type, owner_id, name, normalized_name) select 'model', id, $1, $1 from owner returning id
        ),
        store as (insert into git_store (repo_id) select id from repo returning id)
      select owner.id as user_id, store.id as store_id from owner, store`,
    values: [name],
  });
  const ref = { type: 'model', namespace: name, name } as const;
  const access = await hub.services().access.require(ANONYMOUS, ref, 'read');
  return { access, history: new StoredHistory(hub, row!.store_id), userId: row!.user_id };
}
