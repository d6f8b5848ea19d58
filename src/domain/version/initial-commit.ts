import type { SqlTransaction } from '../../db/sql.ts';
import { parseRepoPath } from '../../git/path.ts';
import type { Oid } from '../../git/oid.ts';
import { chargeStorage } from '../quota/quota.queries.ts';
import { newBlob } from './commit-content.ts';
import { type CommitAuthor, planCommit } from './commit-plan.ts';
import { insertCommit, insertPathChanges, touchRepoHead } from './commit.queries.ts';
import { MAIN_REF } from './ref-names.ts';
import { insertSegment } from './object.queries.ts';
import { swapRef } from './ref.queries.ts';
import { holdStore } from './store-hold.queries.ts';

export interface NewStore {
  readonly repoId: number;
  readonly author: CommitAuthor;
  readonly title: string;
  /** A few small files. */
  readonly files: readonly { readonly path: string; readonly bytes: Buffer }[];
}

/** Gives a repository its store and the first commit of `main`, in the transaction that creates the repository. */
export async function createStore(
  tx: SqlTransaction,
  input: NewStore,
): Promise<{ storeId: number; commitOid: Oid }> {
  const { repoId, author, title, files } = input;
  const [store] = await tx.query<{ id: number }>({
    name: 'insert-store',
    text: 'insert into git_store (repo_id) values ($1) returning id',
    values: [repoId],
  });
  const storeId = store!.id;
  await holdStore(tx, storeId);
  const blobs = files.map((file) => ({ path: parseRepoPath(file.path), object: newBlob(file.bytes) }));
  const plan = await planCommit({
    head: null,
    readTree: async () => [],
    edits: blobs.map(({ path, object }) => ({ kind: 'put', path, mode: '100644', oid: object.oid })),
    loose: blobs.map(({ object }) => object),
    author,
    title,
    description: '',
    at: new Date(),
  });
  const { oid, commit, generation, segment, changedEntries } = plan!;
  const { newBlobBytes } = await insertSegment(tx, storeId, segment);
  await insertCommit(tx, { storeId, oid, commit, generation, userId: author.userId });
  await insertPathChanges(tx, { storeId, generation, commitOid: oid }, changedEntries);
  await swapRef(tx, {
    storeId,
    refName: MAIN_REF,
    oldOid: null,
    newOid: oid,
    userId: author.userId,
    via: 'api',
  });
  await touchRepoHead(tx, repoId, oid);
  await chargeStorage(tx, repoId, newBlobBytes);
  return { storeId, commitOid: oid };
}
