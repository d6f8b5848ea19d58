import { describe, expect } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { graphql, steady } from '../../support/graphql.ts';
import { postLogin } from '../../support/login.ts';
import { it } from '../../support/mailing.ts';

const REGISTER = `mutation ($input: RegisterInput!) {
  register(input: $input) {
    __typename ... on RegisterPayload { isUsable isVerified } ... on DomainError { code message }
  }
}`;
const VERIFY = `mutation ($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    __typename ... on VerifyEmailPayload { isLoggedIn user { name } } ... on DomainError { code }
  }
}`;
const RESEND = `mutation ($input: ResendVerificationInput!) {
  resendVerification(input: $input) { __typename ... on MailPayload { message } ... on DomainError { code } }
}`;
const ASK = `mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { __typename ... on MailPayload { message } ... on DomainError { code } }
}`;
const RESET = `mutation ($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    __typename ... on ResetPasswordPayload { message } ... on DomainError { code message }
  }
}`;
const CHANGE_EMAIL = `mutation ($input: RequestEmailChangeInput!) {
  requestEmailChange(input: $input) {
    __typename ... on RequestEmailChangePayload { isEffective } ... on DomainError { code }
  }
}`;
const CONFIRM = `mutation ($input: ConfirmEmailChangeInput!) {
  confirmEmailChange(input: $input) {
    __typename ... on ConfirmEmailChangePayload { user { name } } ... on DomainError { code }
  }
}`;
const password = 'correct horse battery';

/** The secret of the last link, or the code, of a mail. */
function secretIn(mail: string | undefined): string {
  const [, secret] = /(?:token=|reset-password\?code=|\n\s*)([\w-]{43})\b/.exec(mail ?? '') ?? [];
  if (!secret) throw new Error(`no secret in ${mail}`);
  return secret;
}

describe('register', () => {
  it('makes an account that the link of a mail opens, and logs in by it', async ({ mailing }) => {
    const { app, world, mailsTo } = mailing;
    const username = world.name('new');
    const email = `${username}@example.test`;
    const registered = await graphql(app, null, REGISTER, { input: { username, email, password } });
    expect(registered).toEqual({
      data: { register: { __typename: 'RegisterPayload', isUsable: false, isVerified: false } },
    });
    const resent = await graphql(app, null, RESEND, { input: { email } });
    expect(resent).toMatchInlineSnapshot(`
      {
        "data": {
          "resendVerification": {
            "__typename": "MailPayload",
            "message": "If this address waits for verification, a new link was sent to it.",
          },
        },
      }
    `);
    expect((await postLogin(app, username, password)).statusCode).toBe(403);
    const token = secretIn((await mailsTo(email)).at(-1));
    const browser = await openBrowser(app, null);
    const verified = await browser.graphql(VERIFY, { input: { token } });
    expect(verified.json()).toEqual({
      data: { verifyEmail: { __typename: 'VerifyEmailPayload', isLoggedIn: true, user: { name: username } } },
    });
    const [session] = verified.cookies;
    const me = await app.inject({ url: '/api/auth/me', cookies: { [session!.name]: session!.value } });
    expect(me.json()).toMatchObject({ username, email_verified: true });
    const again = await browser.graphql(VERIFY, { input: { token } });
    expect(again.json()).toEqual({
      data: { verifyEmail: { __typename: 'VerifyEmailPayload', isLoggedIn: false, user: null } },
    });
    expect(again.cookies).toEqual([]);
  });

  it('refuses a name that is taken', async ({ mailing: { app, world } }) => {
    const { name: username } = await world.user();
    const input = { username, email: `${world.name('x')}@example.test`, password };
    expect(steady(await graphql(app, null, REGISTER, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "register": {
            "__typename": "ConflictError",
            "code": "Conflict",
            "message": "The name "user1" is taken, or too like a name that is taken. Choose another one.",
          },
        },
      }
    `);
  });
});

describe('resetPassword', () => {
  it('takes the code of a mail, once', async ({ mailing: { app, world, mailsTo } }) => {
    const user = await world.user();
    const email = `${user.name}@example.test`;
    const asked = await graphql(app, null, ASK, { input: { email } });
    expect(asked).toMatchInlineSnapshot(`
      {
        "data": {
          "requestPasswordReset": {
            "__typename": "MailPayload",
            "message": "If this address belongs to an account, a code was sent to it.",
          },
        },
      }
    `);
    expect(await graphql(app, null, ASK, { input: { email: 'nobody@example.test' } })).toEqual(asked);
    const input = { token: secretIn((await mailsTo(email)).at(-1)), newPassword: 'another long password' };
    expect(await graphql(app, null, RESET, { input })).toMatchInlineSnapshot(`
      {
        "data": {
          "resetPassword": {
            "__typename": "ResetPasswordPayload",
            "message": "Password set. All sessions were ended.",
          },
        },
      }
    `);
    expect((await postLogin(app, user.name, input.newPassword)).statusCode).toBe(200);
    expect((await graphql(app, null, RESET, { input })).data.resetPassword).toMatchObject({
      code: 'BadRequest',
    });
  });
});

describe('changePassword', () => {
  it('answers with the viewer', async ({ mailing: { app, world } }) => {
    const user = await world.user();
    const input = { currentPassword: user.password, newPassword: 'another long password' };
    const change = `mutation ($input: ChangePasswordInput!) {
      changePassword(input: $input) { __typename ... on Viewer { user { name } } ... on DomainError { code message } }
    }`;
    expect(steady(await graphql(app, user, change, { input }))).toMatchInlineSnapshot(`
      {
        "data": {
          "changePassword": {
            "__typename": "Viewer",
            "user": {
              "name": "user1",
            },
          },
        },
      }
    `);
    expect((await graphql(app, user, change, { input })).data.changePassword).toMatchObject({
      code: 'Forbidden',
    });
    expect((await postLogin(app, user.name, input.newPassword)).statusCode).toBe(200);
  });
});

describe('requestEmailChange', () => {
  it('waits for the link in the mail to the new address', async ({ mailing: { app, world, mailsTo } }) => {
    const user = await world.user();
    const email = `new-${user.name}@example.test`;
    expect(await graphql(app, user, CHANGE_EMAIL, { input: { email } })).toEqual({
      data: { requestEmailChange: { __typename: 'RequestEmailChangePayload', isEffective: false } },
    });
    const input = { token: secretIn((await mailsTo(email)).at(-1)) };
    expect(await graphql(app, null, CONFIRM, { input })).toEqual({
      data: { confirmEmailChange: { __typename: 'ConfirmEmailChangePayload', user: { name: user.name } } },
    });
    expect((await graphql(app, null, CONFIRM, { input })).data.confirmEmailChange.user).toBeNull();
    const { data } = await graphql(app, user, '{ viewer { account { email isEmailVerified } } }');
    expect(data.viewer.account).toEqual({ email, isEmailVerified: true });
  });
});
