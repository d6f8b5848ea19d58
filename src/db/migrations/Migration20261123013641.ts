import { Migration } from '@mikro-orm/migrations';

/** What garbage collection and compaction of the version store look for. */
export class Migration20261123013641 extends Migration {
  override name = 'Migration20261123013641';

  override up(): void {
    this.addSql(
      `create table "git_collection" ("store_id" bigint not null, "collected_until" timestamptz not null, primary key ("store_id"));`,
    );

    this.addSql(
      `create index "git_reflog_store_id_created_at_index" on "git_reflog" ("store_id", "created_at");`,
    );

    this.addSql(`create index "path_change_commit_oid_index" on "path_change" ("commit_oid");`);

    this.addSql(
      `create index "lfs_history_repo_id_commit_oid_index" on "lfs_history" ("repo_id", "commit_oid");`,
    );

    this.addSql(
      `create index "git_segment_live_index" on "git_segment" ("store_id") include ("pack_bytes", "objects", "storage_key") where state = 'live';`,
    );
    this.addSql(
      `create index "git_segment_replaced_index" on "git_segment" ("replaced_at") where state = 'replaced';`,
    );

    this.addSql(
      `create index "git_object_pointer_index" on "git_object" ("store_id", "lfs_sha256") where lfs_sha256 is not null;`,
    );

    this.addSql(
      `alter table "git_collection" add constraint "git_collection_store_id_foreign" foreign key ("store_id") references "git_store" ("id") on update cascade on delete cascade;`,
    );
  }
}
