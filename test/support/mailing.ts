import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/server/app.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it as base } from './it.ts';
import { MailTrap } from './mail-trap.ts';
import { openTestHub } from './test-hub.ts';
import { World } from './world.ts';

/** A hub that asks for verified addresses and mails through a real SMTP server. */
export interface MailingHub {
  readonly app: FastifyInstance;
  readonly hub: Hub;
  /** Texts of the mails to an address so far, oldest first. */
  readonly mailsTo: (email: string) => Promise<string[]>;
  readonly close: () => Promise<void>;
}

/** @param settings more of them, as `openTestHub` takes them. */
export async function openMailingHub(settings: Readonly<Record<string, string>> = {}): Promise<MailingHub> {
  const trap = await MailTrap.open();
  const test = await openTestHub({
    REQUIRE_EMAIL_VERIFICATION: 'true',
    SITE_NAME: 'Test Hub',
    ...trap.settings,
    ...settings,
  });
  const { hub } = test;
  const app = await buildApp(hub);
  await app.ready();
  return {
    app,
    hub,
    mailsTo: async (email) => {
      await hub.deps.auth.mail.settle();
      return trap.mails.filter(({ to }) => to.includes(email)).map(({ text }) => text);
    },
    close: async () => {
      await app.close();
      await test.close();
      await trap[Symbol.asyncDispose]();
    },
  };
}

/** As `it`, with `mailing`: such a hub beside the first. */
export const it = base.extend('mailing', { scope: 'file' }, async ({}, { onCleanup }) => {
  const mailing = await openMailingHub();
  onCleanup(() => mailing.close());
  return { ...mailing, world: new World(mailing.hub) };
});
