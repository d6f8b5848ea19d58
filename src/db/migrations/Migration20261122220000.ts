import { Migration } from '@mikro-orm/migrations';

/** Xet: xorbs, files made of them, and which repository holds what. */
export class Migration20261122220000 extends Migration {
  override name = 'Migration20261122220000';

  override up(): void {
    this.addSql(
      `create table "hub_instance" ("is_only" boolean not null default true, "id" uuid not null default gen_random_uuid(), primary key ("is_only"));`,
    );

    this.addSql(
      `create table "lfs_offer" ("repo_id" bigint not null, "sha256" bytea not null, "user_id" bigint not null, "created_at" timestamptz not null default now(), primary key ("repo_id", "sha256", "user_id"));`,
    );
    this.addSql(`create index "lfs_offer_sha256_index" on "lfs_offer" ("sha256");`);
    this.addSql(`create index "lfs_offer_user_id_index" on "lfs_offer" ("user_id");`);
    this.addSql(`create index "lfs_offer_created_at_index" on "lfs_offer" ("created_at");`);

    this.addSql(
      `create table "xet_file" ("hash" bytea not null, "sha256" bytea not null, "size_bytes" bigint not null, "terms" bytea not null, "created_at" timestamptz not null default now(), primary key ("hash"));`,
    );
    this.addSql(`create index "xet_file_sha256_index" on "xet_file" ("sha256");`);

    this.addSql(
      `create table "xet_xorb" ("hash" bytea not null, "storage_key" text null, "blob_sha256" bytea null, "blob_offset_bytes" bigint null, "chunk_index" bytea not null, "chunk_count" int not null, "raw_bytes" int not null, "serialized_bytes" int not null, "lease_until" timestamptz not null, "created_at" timestamptz not null default now(), primary key ("hash"));`,
    );
    this.addSql(
      `alter table "xet_xorb" add constraint "xet_xorb_storage_key_unique" unique ("storage_key");`,
    );
    // Hashes do not compress, and parts of an index are read without the rest of it.
    this.addSql(`alter table "xet_xorb" alter column "chunk_index" set storage external;`);
    this.addSql(`create index "xet_xorb_blob_sha256_index" on "xet_xorb" ("blob_sha256");`);
    this.addSql(`create index "xet_xorb_lease_until_index" on "xet_xorb" ("lease_until");`);

    this.addSql(
      `create table "xet_repo_xorb" ("repo_id" bigint not null, "xorb_hash" bytea not null, "uploader_id" bigint null, "used" int4multirange null, "created_at" timestamptz not null default now(), primary key ("repo_id", "xorb_hash"));`,
    );
    this.addSql(`create index "xet_repo_xorb_xorb_hash_index" on "xet_repo_xorb" ("xorb_hash");`);
    this.addSql(`create index "xet_repo_xorb_uploader_id_index" on "xet_repo_xorb" ("uploader_id");`);

    this.addSql(
      `create table "xet_possession" ("xorb_hash" bytea not null, "user_id" bigint not null, "created_at" timestamptz not null default now(), primary key ("xorb_hash", "user_id"));`,
    );
    this.addSql(`create index "xet_possession_user_id_index" on "xet_possession" ("user_id");`);

    this.addSql(
      `create table "xet_file_xorb" ("file_hash" bytea not null, "xorb_hash" bytea not null, "used" int4multirange not null, primary key ("file_hash", "xorb_hash"));`,
    );
    this.addSql(`create index "xet_file_xorb_xorb_hash_index" on "xet_file_xorb" ("xorb_hash");`);

    this.addSql(
      `create table "xet_chunk" ("hash" bytea not null, "xorb_hash" bytea not null, primary key ("hash", "xorb_hash"));`,
    );
    this.addSql(`create index "xet_chunk_xorb_hash_index" on "xet_chunk" ("xorb_hash");`);

    this.addSql(`alter table "lfs_object" add "xet_hash" bytea null;`);
    this.addSql(`alter table "lfs_object" alter column "storage_key" drop not null;`);
    this.addSql(
      `alter table "lfs_object" add constraint "lfs_object_place_check" check (state <> 'present' or storage_key is not null or xet_hash is not null);`,
    );

    this.addSql(
      `create index "lfs_object_plain_index" on "lfs_object" ("created_at") where state = 'present' and storage_key is not null and xet_hash is null and size_bytes > 0;`,
    );

    this.addSql(`alter table "hub_instance" add constraint "hub_instance_one_row_check" check (is_only);`);
    this.addSql(`insert into "hub_instance" default values;`);

    this.addSql(
      `alter table "lfs_offer" add constraint "lfs_offer_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "lfs_offer" add constraint "lfs_offer_sha256_foreign" foreign key ("sha256") references "lfs_object" ("sha256") on update cascade on delete restrict;`,
    );
    this.addSql(
      `alter table "lfs_offer" add constraint "lfs_offer_user_id_foreign" foreign key ("user_id") references "account" ("id") on update cascade on delete cascade;`,
    );

    this.addSql(
      `alter table "xet_file" add constraint "xet_file_sha256_foreign" foreign key ("sha256") references "lfs_object" ("sha256") on delete restrict;`,
    );
    this.addSql(`alter table "xet_file" add constraint "xet_file_hash_check" check (length(hash) = 32);`);

    this.addSql(
      `alter table "xet_xorb" add constraint "xet_xorb_blob_sha256_foreign" foreign key ("blob_sha256") references "lfs_object" ("sha256") on delete restrict;`,
    );
    this.addSql(`alter table "xet_xorb" add constraint "xet_xorb_hash_check" check (length(hash) = 32);`);
    this.addSql(
      `alter table "xet_xorb" add constraint "xet_xorb_place_check" check ((storage_key is null) <> (blob_sha256 is null));`,
    );

    this.addSql(
      `alter table "xet_repo_xorb" add constraint "xet_repo_xorb_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "xet_repo_xorb" add constraint "xet_repo_xorb_xorb_hash_foreign" foreign key ("xorb_hash") references "xet_xorb" ("hash") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "xet_repo_xorb" add constraint "xet_repo_xorb_uploader_id_foreign" foreign key ("uploader_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "xet_possession" add constraint "xet_possession_xorb_hash_foreign" foreign key ("xorb_hash") references "xet_xorb" ("hash") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "xet_possession" add constraint "xet_possession_user_id_foreign" foreign key ("user_id") references "account" ("id") on update cascade on delete cascade;`,
    );

    this.addSql(
      `alter table "xet_file_xorb" add constraint "xet_file_xorb_file_hash_foreign" foreign key ("file_hash") references "xet_file" ("hash") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "xet_file_xorb" add constraint "xet_file_xorb_xorb_hash_foreign" foreign key ("xorb_hash") references "xet_xorb" ("hash") on update cascade on delete restrict;`,
    );

    this.addSql(
      `alter table "xet_chunk" add constraint "xet_chunk_xorb_hash_foreign" foreign key ("xorb_hash") references "xet_xorb" ("hash") on delete cascade;`,
    );
  }
}
