import { Migration } from '@mikro-orm/migrations';

/** What administrators of the site did. */
export class Migration20261123023719 extends Migration {
  override name = 'Migration20261123023719';

  override up(): void {
    this.addSql(
      `create table "audit_entry" ("id" bigserial primary key, "actor_id" bigint not null, "actor_name" varchar(96) not null, "action" varchar(40) not null, "subject_kind" text not null, "subject_id" bigint null, "subject_name" text not null, "details" jsonb not null default '{}', "address" varchar(64) null, "at" timestamptz not null default now());`,
    );
    this.addSql(`create index "audit_entry_at_index" on "audit_entry" ("at");`);
    this.addSql(`create index "audit_entry_action_id_index" on "audit_entry" ("action", "id");`);
    this.addSql(`create index "audit_entry_actor_name_id_index" on "audit_entry" ("actor_name", "id");`);
    this.addSql(`create index "audit_entry_subject_name_id_index" on "audit_entry" ("subject_name", "id");`);

    this.addSql(
      `alter table "audit_entry" add constraint "audit_entry_subject_kind_check" check ("subject_kind" in ('user', 'org', 'repo', 'invitation'));`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "audit_entry" cascade;`);
  }
}
