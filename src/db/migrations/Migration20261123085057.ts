import { Migration } from '@mikro-orm/migrations';

/** Bytes of an object once more, for repositories that brought them without being able to see that they were here. */
export class Migration20261123085057 extends Migration {
  override name = 'Migration20261123085057';

  override up(): void {
    this.addSql(
      `create table "lfs_copy" ("storage_key" text not null, "sha256" bytea not null, primary key ("storage_key"));`,
    );
    this.addSql(`create index "lfs_copy_sha256_index" on "lfs_copy" ("sha256");`);

    this.addSql(`alter table "lfs_link" add "copy_key" text null;`);
    this.addSql(
      `alter table "lfs_link" add constraint "lfs_link_copy_key_foreign" foreign key ("copy_key") references "lfs_copy" ("storage_key") on delete restrict;`,
    );
    this.addSql(`create index "lfs_link_copy_key_index" on "lfs_link" ("copy_key");`);
    this.addSql(
      `alter table "lfs_link" add constraint "lfs_link_copy_check" check (copy_key is null or xet_file_id is null);`,
    );

    this.addSql(
      `alter table "lfs_copy" add constraint "lfs_copy_sha256_foreign" foreign key ("sha256") references "lfs_object" ("sha256") on delete restrict;`,
    );
  }
}
