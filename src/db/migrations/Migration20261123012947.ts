import { Migration } from '@mikro-orm/migrations';

/** Former names of accounts, descriptions of organisations, invitations that end with their maker. */
export class Migration20261123012947 extends Migration {
  override name = 'Migration20261123012947';

  override up(): void {
    this.addSql(
      `create table "former_name" ("normalized_name" varchar(96) not null, "account_id" bigint not null, "created_at" timestamptz not null default now(), primary key ("normalized_name"));`,
    );
    this.addSql(`create index "former_name_account_id_index" on "former_name" ("account_id");`);

    this.addSql(`alter table "invitation" drop constraint "invitation_created_by_id_foreign";`);

    this.addSql(`alter table "account" add "description" text null;`);

    this.addSql(`alter table "invitation" add "last_used_at" timestamptz null;`);
    this.addSql(`delete from "invitation" where "created_by_id" is null;`);
    this.addSql(`alter table "invitation" alter column "created_by_id" set not null;`);
    this.addSql(
      `alter table "invitation" add constraint "invitation_created_by_id_foreign" foreign key ("created_by_id") references "account" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "invitation" add constraint "invitation_usage_check" check (usage_count <= max_usage);`,
    );
    this.addSql(
      `alter table "invitation" add constraint "invitation_org_role_check" check ((org_id is null) = (role is null));`,
    );
    this.addSql(
      `alter table "invitation" add constraint "invitation_join_org_check" check (action <> 'join_org' or org_id is not null);`,
    );

    this.addSql(
      `alter table "former_name" add constraint "former_name_account_id_foreign" foreign key ("account_id") references "account" ("id") on delete cascade;`,
    );
  }
}
