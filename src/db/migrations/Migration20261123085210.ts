import { Migration } from '@mikro-orm/migrations';

/** Which LFS objects repositories gave up, because their settings keep newer versions only. */
export class Migration20261123085210 extends Migration {
  override name = 'Migration20261123085210';

  override up(): void {
    this.addSql(
      `create table "lfs_pruned" ("repo_id" bigint not null, "sha256" bytea not null, "pruned_at" timestamptz not null default now(), primary key ("repo_id", "sha256"));`,
    );
    this.addSql(
      `alter table "lfs_pruned" add constraint "lfs_pruned_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "lfs_pruned" add constraint "lfs_pruned_sha256_check" check (length(sha256) = 32);`,
    );
  }
}
