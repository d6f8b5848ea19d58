import { Migration } from '@mikro-orm/migrations';

/** Likes in pages, and download sessions by their bucket. */
export class Migration20261123013236 extends Migration {
  override name = 'Migration20261123013236';

  override up(): void {
    this.addSql(
      `alter table "download_session" drop constraint "download_session_repo_id_client_key_time_bucket_unique";`,
    );
    // Nothing wrote sessions before.
    this.addSql(`alter table "download_session" add "is_authenticated" boolean not null;`);
    this.addSql(`alter table "download_session" alter column "first_file" drop not null;`);
    this.addSql(`create index "download_session_time_bucket_index" on "download_session" ("time_bucket");`);
    this.addSql(
      `alter table "download_session" add constraint "download_session_repo_id_time_bucket_client_key_unique" unique ("repo_id", "time_bucket", "client_key");`,
    );

    this.addSql(`drop index "repo_like_user_id_index";`);
    this.addSql(`create index "repo_like_repo_id_id_index" on "repo_like" ("repo_id", "id");`);
    this.addSql(`create index "repo_like_user_id_id_index" on "repo_like" ("user_id", "id");`);
  }
}
