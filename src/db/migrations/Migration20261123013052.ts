import { Migration } from '@mikro-orm/migrations';

/** Locks of files, for git-lfs. */
export class Migration20261123013052 extends Migration {
  override name = 'Migration20261123013052';

  override up(): void {
    this.addSql(
      `create table "lfs_lock" ("id" bigserial primary key, "repo_id" bigint not null, "path" text not null, "path_sha256" bytea not null, "owner_id" bigint not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "lfs_lock_owner_id_index" on "lfs_lock" ("owner_id");`);
    this.addSql(`create index "lfs_lock_repo_id_id_index" on "lfs_lock" ("repo_id", "id");`);
    this.addSql(
      `alter table "lfs_lock" add constraint "lfs_lock_repo_id_path_sha256_unique" unique ("repo_id", "path_sha256");`,
    );

    this.addSql(
      `alter table "lfs_lock" add constraint "lfs_lock_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "lfs_lock" add constraint "lfs_lock_owner_id_foreign" foreign key ("owner_id") references "account" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "lfs_lock" add constraint "lfs_lock_path_check" check (path_sha256 = sha256(convert_to(path, 'UTF8')));`,
    );
  }
}
