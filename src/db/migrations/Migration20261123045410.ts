import { Migration } from '@mikro-orm/migrations';

/** A xorb can be here in several serialized forms, each with an id of its own. Those that are here have had one form, named by the hash. */
export class Migration20261123045410 extends Migration {
  override name = 'Migration20261123045410';

  override up(): void {
    this.addSql(`alter table "xet_xorb" rename column "hash" to "id";`);
    this.addSql(`alter table "xet_xorb" rename constraint "xet_xorb_hash_check" to "xet_xorb_id_check";`);
    this.addSql(`alter table "xet_xorb" add "hash" bytea null;`);
    this.addSql(`update "xet_xorb" set "hash" = "id";`);
    this.addSql(`alter table "xet_xorb" alter column "hash" set not null;`);
    this.addSql(`alter table "xet_xorb" add constraint "xet_xorb_hash_check" check (length(hash) = 32);`);
    this.addSql(`create index "xet_xorb_hash_index" on "xet_xorb" ("hash");`);

    for (const table of ['xet_repo_xorb', 'xet_possession', 'xet_file_xorb', 'xet_chunk']) {
      this.addSql(`alter table "${table}" rename column "xorb_hash" to "xorb_id";`);
      this.addSql(
        `alter table "${table}" rename constraint "${table}_xorb_hash_foreign" to "${table}_xorb_id_foreign";`,
      );
    }
    for (const table of ['xet_repo_xorb', 'xet_file_xorb', 'xet_chunk'])
      this.addSql(`alter index "${table}_xorb_hash_index" rename to "${table}_xorb_id_index";`);

    // Blobs that were presented by xorbs of others are presented anew, by parts of their own.
    this.addSql(
      `update "lfs_object" set "xet_file_id" = null where exists (select from "xet_file_xorb" fx join "xet_xorb" x on x."id" = fx."xorb_id" where fx."file_id" = "lfs_object"."xet_file_id" and x."blob_sha256" is distinct from "lfs_object"."sha256");`,
    );
  }
}
