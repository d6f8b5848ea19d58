import { Migration } from '@mikro-orm/migrations';

/** Requests for access to gated repositories. */
export class Migration20261123015312 extends Migration {
  override name = 'Migration20261123015312';

  override up(): void {
    this.addSql(
      `create table "access_request" ("id" bigserial primary key, "repo_id" bigint not null, "user_id" bigint not null, "status" text not null, "fields" jsonb null, "rejection_reason" text null, "handled_by_id" bigint null, "handled_at" timestamptz null, "created_at" timestamptz not null default now());`,
    );
    this.addSql(`create index "access_request_user_id_index" on "access_request" ("user_id");`);
    this.addSql(
      `create index "access_request_repo_id_status_id_index" on "access_request" ("repo_id", "status", "id");`,
    );
    this.addSql(
      `alter table "access_request" add constraint "access_request_repo_id_user_id_unique" unique ("repo_id", "user_id");`,
    );

    this.addSql(
      `alter table "access_request" add constraint "access_request_repo_id_foreign" foreign key ("repo_id") references "repo" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "access_request" add constraint "access_request_user_id_foreign" foreign key ("user_id") references "account" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "access_request" add constraint "access_request_handled_by_id_foreign" foreign key ("handled_by_id") references "account" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "access_request" add constraint "access_request_status_check" check ("status" in ('pending', 'accepted', 'rejected'));`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "access_request" cascade;`);
  }
}
