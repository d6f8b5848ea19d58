import { Migration } from '@mikro-orm/migrations';

/** Each repository holds a content in a form of its own: as the blob, or as a Xet file of which there may be several. */
export class Migration20261123015700 extends Migration {
  override name = 'Migration20261123015700';

  override up(): void {
    this.addSql(`alter table "xet_file_xorb" drop constraint "xet_file_xorb_file_hash_foreign";`);
    this.addSql(`alter table "xet_file_xorb" drop constraint "xet_file_xorb_pkey";`);
    this.addSql(`alter table "xet_file" drop constraint "xet_file_pkey";`);
    this.addSql(`alter table "xet_file" add "id" bigserial primary key, add "terms_sha256" bytea null;`);
    this.addSql(`update "xet_file" set "terms_sha256" = sha256("terms");`);
    this.addSql(`alter table "xet_file" alter column "terms_sha256" set not null;`);
    this.addSql(
      `alter table "xet_file" add constraint "xet_file_hash_terms_sha256_unique" unique ("hash", "terms_sha256");`,
    );

    this.addSql(`alter table "xet_file_xorb" add "file_id" bigint null;`);
    this.addSql(
      `update "xet_file_xorb" set "file_id" = f."id" from "xet_file" f where f."hash" = "xet_file_xorb"."file_hash";`,
    );
    this.addSql(`alter table "xet_file_xorb" drop column "file_hash";`);
    this.addSql(`alter table "xet_file_xorb" alter column "file_id" set not null;`);
    this.addSql(`alter table "xet_file_xorb" add primary key ("file_id", "xorb_hash");`);
    this.addSql(
      `alter table "xet_file_xorb" add constraint "xet_file_xorb_file_id_foreign" foreign key ("file_id") references "xet_file" ("id") on update cascade on delete cascade;`,
    );

    // Until now all repositories held a content as its object said.
    this.addSql(`alter table "lfs_link" add "xet_file_id" bigint null;`);
    this.addSql(
      `update "lfs_link" set "xet_file_id" = f."id" from "lfs_object" o join "xet_file" f on f."hash" = o."xet_hash" where o."sha256" = "lfs_link"."sha256" and o."storage_key" is null;`,
    );
    this.addSql(
      `alter table "lfs_link" add constraint "lfs_link_xet_file_id_foreign" foreign key ("xet_file_id") references "xet_file" ("id") on delete restrict;`,
    );
    this.addSql(`create index "lfs_link_xet_file_id_index" on "lfs_link" ("xet_file_id");`);

    this.addSql(`alter table "lfs_offer" add "xet_file_id" bigint null;`);
    this.addSql(
      `update "lfs_offer" set "xet_file_id" = (select f."id" from "xet_file" f join "lfs_object" o on o."sha256" = f."sha256" where f."sha256" = "lfs_offer"."sha256" order by f."hash" = o."xet_hash" desc nulls last, f."id" limit 1);`,
    );
    this.addSql(`delete from "lfs_offer" where "xet_file_id" is null;`);
    this.addSql(`alter table "lfs_offer" alter column "xet_file_id" set not null;`);
    this.addSql(
      `alter table "lfs_offer" add constraint "lfs_offer_xet_file_id_foreign" foreign key ("xet_file_id") references "xet_file" ("id") on delete restrict;`,
    );
    this.addSql(`create index "lfs_offer_xet_file_id_index" on "lfs_offer" ("xet_file_id");`);

    this.addSql(`alter table "lfs_object" add "xet_file_id" bigint null;`);
    this.addSql(
      `update "lfs_object" set "xet_file_id" = f."id" from "xet_file" f where f."hash" = "lfs_object"."xet_hash" and "lfs_object"."state" = 'present' and "lfs_object"."storage_key" is not null;`,
    );
    this.addSql(`drop index "lfs_object_plain_index";`);
    this.addSql(`alter table "lfs_object" drop constraint "lfs_object_place_check";`);
    this.addSql(`alter table "lfs_object" drop column "xet_hash";`);
    this.addSql(
      `alter table "lfs_object" add constraint "lfs_object_xet_file_id_unique" unique ("xet_file_id");`,
    );
    this.addSql(
      `create index "lfs_object_plain_index" on "lfs_object" ("created_at") where state = 'present' and storage_key is not null and xet_file_id is null and size_bytes > 0;`,
    );
    this.addSql(
      `alter table "lfs_object" add constraint "lfs_object_xet_file_check" check (xet_file_id is null or (state = 'present' and storage_key is not null));`,
    );

    this.addSql(
      `create index "xet_repo_xorb_pending_index" on "xet_repo_xorb" ("uploader_id") where used is null;`,
    );
  }
}
