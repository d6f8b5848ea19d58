import { Migration } from '@mikro-orm/migrations';

/** Links that confirm a new address. */
export class Migration20261123021408 extends Migration {
  override name = 'Migration20261123021408';

  override up(): void {
    this.addSql(`alter table "one_time_token" drop constraint "one_time_token_purpose_check";`);
    this.addSql(
      `alter table "one_time_token" add constraint "one_time_token_purpose_check" check ("purpose" in ('verify-email', 'change-email', 'reset-password'));`,
    );
  }

  override down(): void {
    this.addSql(`alter table "one_time_token" drop constraint "one_time_token_purpose_check";`);
    this.addSql(
      `alter table "one_time_token" add constraint "one_time_token_purpose_check" check ("purpose" in ('verify-email', 'reset-password'));`,
    );
  }
}
