import { Migration } from '@mikro-orm/migrations';

const PARTITIONS = 8;

export class Migration20261122000000 extends Migration {
  override name = 'Migration20261122000000';

  override up(): void {
    this.addSql(
      `create table "account" ("id" bigserial primary key, "kind" text not null, "name" varchar(96) not null, "normalized_name" varchar(96) not null, "email" varchar(320) null, "normalized_email" varchar(320) null, "email_verified_at" timestamptz null, "password_hash" text null, "is_active" boolean not null default true, "is_admin" boolean not null default false, "full_name" varchar(200) null, "bio" text null, "website" text null, "social_links" jsonb null, "private_quota_bytes" bigint null, "public_quota_bytes" bigint null, "private_used_bytes" bigint not null default '0', "public_used_bytes" bigint not null default '0', "created_at" timestamptz not null default now());`,
    );
    this.addSql(
      `alter table "account" add constraint "account_normalized_name_unique" unique ("normalized_name");`,
    );
    this.addSql(
      `alter table "account" add constraint "account_normalized_email_unique" unique ("normalized_email");`,
    );
    this.addSql(
      `alter table "account" add constraint "account_kind_check" check ("kind" in ('user', 'org'));`,
    );

    this.addSql(
      `create table "access_token" ("id" bigserial primary key, "user_id" bigint not null, "name" varchar(100) not null, "token_hash" bytea not null, "role" text not null, "last_used_at" timestamptz null, "expires_at" timestamptz null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "access_token_user_id_index" on "access_token" ("user_id");`);
    this.addSql(
      `alter table "access_token" add constraint "access_token_token_hash_unique" unique ("token_hash");`,
    );
    this.addSql(
      `alter table "access_token" add constraint "access_token_role_check" check ("role" in ('read', 'write'));`,
    );

    this.addSql(
      `create table "avatar" ("account_id" bigint not null, "image" bytea not null, "sha256" bytea not null, "updated_at" timestamptz not null default now(), primary key ("account_id"));`,
    );

    this.addSql(
      `create table "external_token" ("id" bigserial primary key, "user_id" bigint not null, "url" text not null, "encrypted_token" bytea not null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now());`,
    );
    this.addSql(
      `alter table "external_token" add constraint "external_token_user_id_url_unique" unique ("user_id", "url");`,
    );

    this.addSql(
      `create table "fallback_source" ("id" bigserial primary key, "namespace_id" bigint null, "url" text not null, "name" varchar(100) not null, "source_type" text not null, "priority" int not null default 100, "is_enabled" boolean not null default true, "encrypted_token" bytea null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "fallback_source_namespace_id_index" on "fallback_source" ("namespace_id");`);
    this.addSql(
      `alter table "fallback_source" add constraint "fallback_source_source_type_check" check ("source_type" in ('huggingface', 'kohakuhub'));`,
    );

    this.addSql(
      `create table "git_commit" ("store_id" bigint not null, "oid" bytea not null, "tree_oid" bytea not null, "parents" bytea not null, "generation" int not null, "author_name" text not null, "author_email" text not null, "authored_at" timestamptz not null, "committed_at" timestamptz not null, "title" text not null, "body" text not null, "user_id" bigint null, primary key ("store_id", "oid"));`,
    );
    this.addSql(
      `create index "git_commit_store_id_generation_index" on "git_commit" ("store_id", "generation");`,
    );

    this.addSql(
      `create table "git_ref" ("store_id" bigint not null, "name" text collate "C" not null, "oid" bytea not null, "version" bigint not null default '1', "updated_at" timestamptz not null default now(), primary key ("store_id", "name"));`,
    );
    this.addSql(
      `alter table "git_ref" add constraint "git_ref_oid_check" check (length(oid) = 20 and oid <> decode(repeat('00', 20), 'hex'));`,
    );

    this.addSql(
      `create table "git_reflog" ("id" bigserial primary key, "store_id" bigint not null, "name" text not null, "old_oid" bytea null, "new_oid" bytea null, "user_id" bigint null, "via" text not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(
      `create index "git_reflog_store_id_name_id_index" on "git_reflog" ("store_id", "name", "id");`,
    );
    this.addSql(
      `alter table "git_reflog" add constraint "git_reflog_via_check" check ("via" in ('api', 'git-http', 'git-ssh', 'job'));`,
    );

    this.addSql(
      `create table "invitation" ("id" bigserial primary key, "action" text not null, "token_hash" bytea not null, "org_id" bigint null, "role" text null, "normalized_email" varchar(320) null, "created_by_id" bigint null, "max_usage" int null, "usage_count" int not null default 0, "expires_at" timestamptz not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(
      `alter table "invitation" add constraint "invitation_token_hash_unique" unique ("token_hash");`,
    );
    this.addSql(`create index "invitation_org_id_index" on "invitation" ("org_id");`);
    this.addSql(`create index "invitation_created_by_id_index" on "invitation" ("created_by_id");`);
    this.addSql(
      `alter table "invitation" add constraint "invitation_action_check" check ("action" in ('join_org', 'register_account'));`,
    );
    this.addSql(
      `alter table "invitation" add constraint "invitation_role_check" check ("role" in ('visitor', 'member', 'admin', 'super-admin'));`,
    );

    this.addSql(
      `create table "lfs_object" ("sha256" bytea not null, "size_bytes" bigint not null, "storage_key" text not null, "state" text not null default 'present', "lease_until" timestamptz not null, "touch" bigint not null default '0', "created_at" timestamptz not null default now(), primary key ("sha256"));`,
    );
    this.addSql(
      `alter table "lfs_object" add constraint "lfs_object_storage_key_unique" unique ("storage_key");`,
    );
    this.addSql(
      `alter table "lfs_object" add constraint "lfs_object_sha256_check" check (length(sha256) = 32);`,
    );
    this.addSql(
      `alter table "lfs_object" add constraint "lfs_object_state_check" check ("state" in ('present', 'deleting', 'gone'));`,
    );

    this.addSql(
      `create table "login_throttle" ("key" varchar(255) not null, "points" int not null default 0, "expire" bigint null, primary key ("key"));`,
    );
    this.addSql(`create index "login_throttle_expire_index" on "login_throttle" ("expire");`);

    this.addSql(
      `create table "membership" ("id" bigserial primary key, "org_id" bigint not null, "user_id" bigint not null, "role" text not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "membership_user_id_index" on "membership" ("user_id");`);
    this.addSql(
      `alter table "membership" add constraint "membership_org_id_user_id_unique" unique ("org_id", "user_id");`,
    );
    this.addSql(
      `alter table "membership" add constraint "membership_role_check" check ("role" in ('visitor', 'member', 'admin', 'super-admin'));`,
    );

    this.addSql(
      `create table "one_time_token" ("id" bigserial primary key, "purpose" text not null, "token_hash" bytea not null, "user_id" bigint not null, "email" varchar(320) not null, "expires_at" timestamptz not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(
      `alter table "one_time_token" add constraint "one_time_token_token_hash_unique" unique ("token_hash");`,
    );
    this.addSql(`create index "one_time_token_user_id_index" on "one_time_token" ("user_id");`);
    this.addSql(
      `alter table "one_time_token" add constraint "one_time_token_purpose_check" check ("purpose" in ('verify-email', 'reset-password'));`,
    );

    this.addSql(
      `create table "outbox" ("id" bigserial primary key, "kind" varchar(40) not null, "payload" jsonb not null, "attempts" int not null default 0, "next_attempt_at" timestamptz not null default now(), "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "outbox_next_attempt_at_index" on "outbox" ("next_attempt_at");`);

    this.addSql(
      `create table "path_change" ("store_id" bigint not null, "dir" text collate "C" not null, "name" text collate "C" not null, "generation" int not null, "commit_oid" bytea not null, primary key ("store_id", "dir", "name", "generation", "commit_oid"));`,
    );

    this.addSql(
      `create table "repo" ("id" bigserial primary key, "type" text not null, "owner_id" bigint not null, "creator_id" bigint null, "name" varchar(96) not null, "normalized_name" varchar(96) not null, "is_private" boolean not null default false, "gated" text null, "is_disabled" boolean not null default false, "quota_bytes" bigint null, "used_bytes" bigint not null default '0', "lfs_threshold_bytes" bigint null, "lfs_keep_versions" int null, "lfs_suffix_rules" text[] null, "downloads" bigint not null default '0', "downloads_all_time" bigint not null default '0', "likes_count" bigint not null default '0', "trending_score" double precision not null default 0, "discussion_count" int not null default 0, "sdk" varchar(40) null, "card" jsonb null, "tags" text[] not null default '{}', "pipeline_tag" varchar(100) null, "library_name" varchar(100) null, "safetensors" jsonb null, "head_oid" bytea null, "last_modified_at" timestamptz not null default now(), "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "repo_owner_id_index" on "repo" ("owner_id");`);
    this.addSql(`create index "repo_pipeline_tag_index" on "repo" ("pipeline_tag");`);
    this.addSql(`create index "repo_library_name_index" on "repo" ("library_name");`);
    this.addSql(`create index "repo_type_created_at_id_index" on "repo" ("type", "created_at", "id");`);
    this.addSql(
      `create index "repo_type_last_modified_at_id_index" on "repo" ("type", "last_modified_at", "id");`,
    );
    this.addSql(`create index "repo_type_downloads_id_index" on "repo" ("type", "downloads", "id");`);
    this.addSql(`create index "repo_type_likes_count_id_index" on "repo" ("type", "likes_count", "id");`);
    this.addSql(
      `create index "repo_type_trending_score_id_index" on "repo" ("type", "trending_score", "id");`,
    );
    this.addSql(`create index "repo_tags_index" on "repo" using gin ("tags");`);
    this.addSql(`create index "repo_creator_id_index" on "repo" ("creator_id");`);
    this.addSql(
      `alter table "repo" add constraint "repo_type_owner_id_normalized_name_unique" unique ("type", "owner_id", "normalized_name");`,
    );
    this.addSql(
      `alter table "repo" add constraint "repo_type_check" check ("type" in ('model', 'dataset', 'space'));`,
    );
    this.addSql(
      `alter table "repo" add constraint "repo_gated_check" check ("gated" in ('auto', 'manual'));`,
    );

    this.addSql(
      `create table "lfs_upload" ("id" uuid not null, "repo_id" bigint not null, "uploader_id" bigint null, "sha256" bytea not null, "size_bytes" bigint not null, "storage_key" text not null, "multipart_id" text null, "expires_at" timestamptz not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "lfs_upload_repo_id_index" on "lfs_upload" ("repo_id");`);
    this.addSql(
      `alter table "lfs_upload" add constraint "lfs_upload_storage_key_unique" unique ("storage_key");`,
    );
    this.addSql(`create index "lfs_upload_expires_at_index" on "lfs_upload" ("expires_at");`);
    this.addSql(`create index "lfs_upload_uploader_id_index" on "lfs_upload" ("uploader_id");`);

    this.addSql(
      `create table "lfs_link" ("repo_id" bigint not null, "sha256" bytea not null, "committed_at" timestamptz null, "created_at" timestamptz not null default now(), primary key ("repo_id", "sha256"));`,
    );
    this.addSql(`create index "lfs_link_sha256_index" on "lfs_link" ("sha256");`);

    this.addSql(
      `create table "lfs_history" ("id" bigserial primary key, "repo_id" bigint not null, "path" text not null, "sha256" bytea not null, "size_bytes" bigint not null, "commit_oid" bytea not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "lfs_history_repo_id_path_index" on "lfs_history" ("repo_id", "path");`);
    this.addSql(`create index "lfs_history_repo_id_sha256_index" on "lfs_history" ("repo_id", "sha256");`);

    this.addSql(
      `create table "git_store" ("id" bigserial primary key, "repo_id" bigint null, "backend" text not null default 'native', "created_at" timestamptz not null default now());`,
    );
    this.addSql(`alter table "git_store" add constraint "git_store_repo_id_unique" unique ("repo_id");`);
    this.addSql(
      `alter table "git_store" add constraint "git_store_backend_check" check ("backend" in ('native', 'lakefs'));`,
    );

    this.addSql(
      `create table "git_segment" ("id" bigserial primary key, "store_id" bigint not null, "kind" text not null, "pack_sum" bytea not null, "objects" int not null, "pack_bytes" bigint not null, "storage_key" text null, "inline_pack" bytea null, "inline_idx" bytea null, "state" text not null default 'live', "replaced_at" timestamptz null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "git_segment_store_id_index" on "git_segment" ("store_id");`);
    this.addSql(
      `alter table "git_segment" add constraint "git_segment_storage_key_unique" unique ("storage_key");`,
    );
    this.addSql(
      `alter table "git_segment" add constraint "git_segment_pack_sum_check" check (length(pack_sum) = 20);`,
    );
    this.addSql(
      `alter table "git_segment" add constraint "git_segment_place_check" check ((storage_key is null) <> (inline_pack is null));`,
    );
    this.addSql(
      `alter table "git_segment" add constraint "git_segment_inline_check" check ((inline_pack is null) = (inline_idx is null));`,
    );
    this.addSql(
      `alter table "git_segment" add constraint "git_segment_kind_check" check ("kind" in ('blobs', 'meta', 'push', 'compact'));`,
    );
    this.addSql(
      `alter table "git_segment" add constraint "git_segment_state_check" check ("state" in ('live', 'replaced'));`,
    );

    this.addSql(
      `create table "git_object" ("store_id" bigint not null, "oid" bytea not null, "type" smallint not null, "size_bytes" bigint not null, "segment_id" bigint not null, "pack_offset" bigint not null, "packed_bytes" bigint not null, "data" bytea null, "sha256" bytea null, "lfs_sha256" bytea null, "lfs_size_bytes" bigint null, primary key ("store_id", "oid")) partition by hash ("store_id");`,
    );
    // Written by hand: partitions keep vacuum and index builds of a large hub in pieces.
    for (let part = 0; part < PARTITIONS; part++) {
      this.addSql(
        `create table "git_object_${part}" partition of "git_object" for values with (modulus ${PARTITIONS}, remainder ${part});`,
      );
    }
    this.addSql(`create index "git_object_segment_id_index" on "git_object" ("segment_id");`);
    this.addSql(`alter table "git_object" add constraint "git_object_oid_check" check (length(oid) = 20);`);

    this.addSql(
      `create table "download_session" ("id" bigserial primary key, "repo_id" bigint not null, "user_id" bigint null, "client_key" bytea not null, "time_bucket" int not null, "file_count" int not null default 1, "first_file" text not null, "first_download_at" timestamptz not null default now(), "last_download_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "download_session_user_id_index" on "download_session" ("user_id");`);
    this.addSql(
      `alter table "download_session" add constraint "download_session_repo_id_client_key_time_bucket_unique" unique ("repo_id", "client_key", "time_bucket");`,
    );

    this.addSql(
      `create table "discussion" ("id" bigserial primary key, "repo_id" bigint not null, "number" int not null, "title" text not null, "author_id" bigint null, "is_pull_request" boolean not null, "status" text not null, "base_ref" text null, "merge_commit_oid" bytea null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "discussion_author_id_index" on "discussion" ("author_id");`);
    this.addSql(
      `alter table "discussion" add constraint "discussion_repo_id_number_unique" unique ("repo_id", "number");`,
    );
    this.addSql(
      `alter table "discussion" add constraint "discussion_status_check" check ("status" in ('draft', 'open', 'closed', 'merged'));`,
    );

    this.addSql(
      `create table "discussion_event" ("id" uuid not null default uuidv7(), "discussion_id" bigint not null, "author_id" bigint null, "type" text not null, "data" jsonb not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `create index "discussion_event_discussion_id_index" on "discussion_event" ("discussion_id");`,
    );
    this.addSql(`create index "discussion_event_author_id_index" on "discussion_event" ("author_id");`);
    this.addSql(
      `alter table "discussion_event" add constraint "discussion_event_type_check" check ("type" in ('comment', 'status-change', 'title-change', 'commit'));`,
    );

    this.addSql(
      `create table "daily_repo_stats" ("id" bigserial primary key, "repo_id" bigint not null, "date" date not null, "download_sessions" int not null default 0, "authenticated_downloads" int not null default 0, "anonymous_downloads" int not null default 0, "total_files" int not null default 0, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "daily_repo_stats_date_index" on "daily_repo_stats" ("date");`);
    this.addSql(
      `alter table "daily_repo_stats" add constraint "daily_repo_stats_repo_id_date_unique" unique ("repo_id", "date");`,
    );

    this.addSql(
      `create table "repo_like" ("id" bigserial primary key, "repo_id" bigint not null, "user_id" bigint not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "repo_like_user_id_index" on "repo_like" ("user_id");`);
    this.addSql(
      `alter table "repo_like" add constraint "repo_like_repo_id_user_id_unique" unique ("repo_id", "user_id");`,
    );

    this.addSql(
      `create table "repo_redirect" ("id" bigserial primary key, "type" text not null, "owner_id" bigint not null, "normalized_name" varchar(96) not null, "repo_id" bigint not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "repo_redirect_repo_id_index" on "repo_redirect" ("repo_id");`);
    this.addSql(`create index "repo_redirect_owner_id_index" on "repo_redirect" ("owner_id");`);
    this.addSql(
      `alter table "repo_redirect" add constraint "repo_redirect_type_owner_id_normalized_name_unique" unique ("type", "owner_id", "normalized_name");`,
    );
    this.addSql(
      `alter table "repo_redirect" add constraint "repo_redirect_type_check" check ("type" in ('model', 'dataset', 'space'));`,
    );

    this.addSql(
      `create table "session" ("id" bigserial primary key, "secret_hash" bytea not null, "user_id" bigint not null, "user_agent" varchar(400) null, "expires_at" timestamptz not null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`alter table "session" add constraint "session_secret_hash_unique" unique ("secret_hash");`);
    this.addSql(`create index "session_user_id_index" on "session" ("user_id");`);
    this.addSql(`create index "session_expires_at_index" on "session" ("expires_at");`);

    this.addSql(
      `create table "ssh_key" ("id" bigserial primary key, "user_id" bigint not null, "title" varchar(200) not null, "key_type" varchar(40) not null, "public_key" text not null, "fingerprint" varchar(64) not null, "last_used_at" timestamptz null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "ssh_key_user_id_index" on "ssh_key" ("user_id");`);
    this.addSql(`alter table "ssh_key" add constraint "ssh_key_fingerprint_unique" unique ("fingerprint");`);

    this.addSql(
      `create table "storage_intent" ("key" text not null, "created_at" timestamptz not null default now(), "expires_at" timestamptz not null, primary key ("key"));`,
    );
    this.addSql(`create index "storage_intent_expires_at_index" on "storage_intent" ("expires_at");`);

    this.addSql(
      `create table "write_session" ("id" uuid not null, "store_id" bigint not null, "started_at" timestamptz not null default now(), "heartbeat_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "write_session_store_id_index" on "write_session" ("store_id");`);

    this.addSql(
      `alter table "access_token" add constraint "access_token_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "avatar" add constraint "avatar_account_id_foreign" foreign key ("account_id") references "account" ("id") on update cascade on delete cascade;`,
    );

    this.addSql(
      `alter table "external_token" add constraint "external_token_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "fallback_source" add constraint "fallback_source_namespace_id_foreign" foreign key ("namespace_id") references "account" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "git_commit" add constraint "git_commit_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "git_reflog" add constraint "git_reflog_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "invitation" add constraint "invitation_org_id_foreign" foreign key ("org_id") references "account" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "invitation" add constraint "invitation_created_by_id_foreign" foreign key ("created_by_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "membership" add constraint "membership_org_id_foreign" foreign key ("org_id") references "account" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "membership" add constraint "membership_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "one_time_token" add constraint "one_time_token_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "repo" add constraint "repo_owner_id_foreign" foreign key ("owner_id") references "account" ("id") on delete restrict;`,
    );
    this.addSql(
      `alter table "repo" add constraint "repo_creator_id_foreign" foreign key ("creator_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "lfs_upload" add constraint "lfs_upload_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "lfs_upload" add constraint "lfs_upload_uploader_id_foreign" foreign key ("uploader_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "lfs_link" add constraint "lfs_link_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "lfs_link" add constraint "lfs_link_sha256_foreign" foreign key ("sha256") references "lfs_object" ("sha256") on update cascade on delete restrict;`,
    );

    this.addSql(
      `alter table "lfs_history" add constraint "lfs_history_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "git_store" add constraint "git_store_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "git_segment" add constraint "git_segment_store_id_foreign" foreign key ("store_id") references "git_store" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "git_object" add constraint "git_object_segment_id_foreign" foreign key ("segment_id") references "git_segment" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "download_session" add constraint "download_session_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "download_session" add constraint "download_session_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "discussion" add constraint "discussion_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "discussion" add constraint "discussion_author_id_foreign" foreign key ("author_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "discussion_event" add constraint "discussion_event_discussion_id_foreign" foreign key ("discussion_id") references "discussion" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "discussion_event" add constraint "discussion_event_author_id_foreign" foreign key ("author_id") references "account" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "daily_repo_stats" add constraint "daily_repo_stats_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "repo_like" add constraint "repo_like_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "repo_like" add constraint "repo_like_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "repo_redirect" add constraint "repo_redirect_owner_id_foreign" foreign key ("owner_id") references "account" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "repo_redirect" add constraint "repo_redirect_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "session" add constraint "session_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "ssh_key" add constraint "ssh_key_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete cascade;`,
    );
  }
}
