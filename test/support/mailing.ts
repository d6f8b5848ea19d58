import { buildApp } from '../../src/server/app.ts';
import { it as base } from './it.ts';
import { MailTrap } from './mail-trap.ts';
import { openTestHub } from './test-hub.ts';
import { World } from './world.ts';

/** As `it`, with `mailing`: a second hub that asks for verified addresses and mails through a real SMTP server. */
export const it = base.extend('mailing', { scope: 'file' }, async ({}, { onCleanup }) => {
  const trap = await MailTrap.open();
  const test = await openTestHub({
    REQUIRE_EMAIL_VERIFICATION: 'true',
    SITE_NAME: 'Test Hub',
    ...trap.settings,
  });
  const app = await buildApp(test.hub);
  await app.ready();
  onCleanup(async () => {
    await app.close();
    await test.close();
    await trap[Symbol.asyncDispose]();
  });
  /** Texts of the mails to an address so far, oldest first. */
  const mailsTo = async (email: string): Promise<string[]> => {
    await test.hub.deps.auth.mail.settle();
    return trap.mails.filter(({ to }) => to.includes(email)).map(({ text }) => text);
  };
  return { app, hub: test.hub, world: new World(test.hub), mailsTo };
});
