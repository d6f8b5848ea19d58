import { Migration } from '@mikro-orm/migrations';

/** A blob is presented to each repository that it comes to, after it was cut into chunks for it. Those that were told already go on to be. */
export class Migration20261123053927 extends Migration {
  override name = 'Migration20261123053927';

  override up(): void {
    this.addSql(`alter table "lfs_link" add "is_presented" boolean not null default false;`);
    this.addSql(
      `update "lfs_link" set "is_presented" = true where "xet_file_id" is null and exists (select from "lfs_object" o where o."sha256" = "lfs_link"."sha256" and o."xet_file_id" is not null);`,
    );
    this.addSql(
      `create index "lfs_link_unpresented_index" on "lfs_link" ("created_at") where xet_file_id is null and not is_presented;`,
    );
  }
}
