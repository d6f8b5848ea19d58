import { Migration } from '@mikro-orm/migrations';

/**
 * Front matter and answers keep the order in which they were written: `json` is the text, `jsonb` sorts its keys. What is stored stays
 * valid; cards that ask questions are read anew, for the order of these.
 */
export class Migration20261123084748 extends Migration {
  override name = 'Migration20261123084748';

  override up(): void {
    this.addSql(`alter table "repo" alter column "card" type json using "card"::json;`);
    this.addSql(`alter table "access_request" alter column "fields" type json using "fields"::json;`);
    this.addSql(
      `insert into "outbox" ("kind", "payload") select 'index-repo', jsonb_build_object('repoId', "id") from "repo" where "card" -> 'extra_gated_fields' is not null;`,
    );
  }
}
