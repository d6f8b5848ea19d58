import { describe, expect } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { postLogin } from '../../support/login.ts';
import { it } from '../../support/mailing.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

const password = 'correct horse battery';

/** The secret of a link, or the code, of a mail. */
function secretIn(mail: string | undefined): string {
  const [, secret] = /(?:token=|\n\s*)([\w-]{43})\b/.exec(mail ?? '') ?? [];
  if (!secret) throw new Error(`no secret in ${mail}`);
  return secret;
}

describe('auth', () => {
  it('registers, verifies by the link of a mail, and logs in by it', async ({ mailing }) => {
    const { app, world, mailsTo } = mailing;
    const username = world.name('new');
    const email = `${username}@example.test`;
    const call = (path: string, input: object) =>
      trpcMutation({ app, user: null, path: `auth.${path}`, input });
    const registered = await call('register', { username, email, password });
    expect(registered.data).toEqual({ isUsable: false, isVerified: false });
    expect((await call('login', { username, password })).error?.domainCode).toBe('Forbidden');
    expect(await call('resendVerification', { email })).toEqual({ status: 200 });
    const token = secretIn((await mailsTo(email)).at(-1));
    const browser = await openBrowser(app, null);
    const verified = await browser.trpc('auth.verifyEmail', { token });
    expect(verified.json()).toEqual({ result: { data: { username, isLoggedIn: true } } });
    expect(verified.cookies).toHaveLength(1);
    expect((await call('verifyEmail', { token })).data).toEqual({ username: null, isLoggedIn: false });
    expect((await call('login', { username, password })).data).toEqual({
      username,
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
  });

  it('sets a new password by the code of a mail', async ({ mailing: { app, world, mailsTo } }) => {
    const user = await world.user();
    const email = `${user.name}@example.test`;
    const call = (path: string, input: object) =>
      trpcMutation({ app, user: null, path: `auth.${path}`, input });
    expect(await call('requestPasswordReset', { email })).toEqual({ status: 200 });
    const input = { token: secretIn((await mailsTo(email)).at(-1)), newPassword: 'another long password' };
    expect(await call('resetPassword', input)).toEqual({ status: 200 });
    expect((await call('resetPassword', input)).error?.domainCode).toBe('BadRequest');
    expect((await postLogin(app, user.name, input.newPassword)).statusCode).toBe(200);
  });

  it('changes a password by the old one', async ({ mailing: { app, world } }) => {
    const user = await world.user();
    const input = { currentPassword: user.password, newPassword: 'another long password' };
    const change = () => trpcMutation({ app, user, path: 'auth.changePassword', input });
    expect(await change()).toEqual({ status: 200 });
    expect((await change()).error?.domainCode).toBe('Forbidden');
    expect((await postLogin(app, user.name, input.newPassword)).statusCode).toBe(200);
  });

  it('logs a browser out', async ({ mailing: { app, world } }) => {
    const browser = await openBrowser(app, await world.user());
    expect((await browser.trpc('auth.logout')).json()).toEqual({ result: {} });
    expect((await browser.trpc('auth.logout')).statusCode).toBe(401);
  });

  it('takes another address by the link of a mail', async ({ mailing: { app, world, mailsTo } }) => {
    const user = await world.user();
    const email = `new-${user.name}@example.test`;
    const asked = await trpcMutation({ app, user, path: 'account.requestEmailChange', input: { email } });
    expect(asked).toEqual({ status: 200, data: { isEffective: false } });
    const input = { token: secretIn((await mailsTo(email)).at(-1)) };
    const confirm = () => trpcMutation({ app, user: null, path: 'account.confirmEmailChange', input });
    expect(await confirm()).toEqual({ status: 200, data: { username: user.name } });
    expect((await trpcQuery({ app, user, path: 'account.own' })).data).toMatchObject({
      email,
      isEmailVerified: true,
    });
    expect((await confirm()).data).toEqual({ username: null });
  });
});
