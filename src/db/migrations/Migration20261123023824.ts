import { Migration } from '@mikro-orm/migrations';

/** Deleting an account looks for what it decided. */
export class Migration20261123023824 extends Migration {
  override name = 'Migration20261123023824';

  override up(): void {
    this.addSql(`create index "access_request_handled_by_id_index" on "access_request" ("handled_by_id");`);
  }

  override down(): void {
    this.addSql(`drop index "access_request_handled_by_id_index";`);
  }
}
