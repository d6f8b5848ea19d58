import { Migration } from '@mikro-orm/migrations';

/** PostgreSQL no longer looks at the segment once for each object that is written. */
export class Migration20261123085836 extends Migration {
  override name = 'Migration20261123085836';

  override up(): void {
    this.addSql(`alter table "git_object" drop constraint "git_object_segment_id_foreign";`);
  }
}
