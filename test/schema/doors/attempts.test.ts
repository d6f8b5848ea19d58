import { describe, expect } from 'vitest';
import { it } from '../../support/it.ts';
import { graphql } from '../../support/graphql.ts';
import { postLogin } from '../../support/login.ts';
import { trpcMutation } from '../../support/trpc.ts';

const WRONG = 'not the password';

describe('GraphQL', () => {
  it.for([
    ['aliases', 'mutation { a: login(input: INPUT) { __typename } b: login(input: INPUT) { __typename } }'],
    [
      'fragments',
      `mutation { ...one ...two }
      fragment one on Mutation { a: login(input: INPUT) { __typename } }
      fragment two on Mutation { b: login(input: INPUT) { __typename } }`,
    ],
    [
      'another kind of try',
      `mutation {
        login(input: INPUT) { __typename }
        resetPassword(input: { token: "guess", newPassword: "a new password" }) { __typename }
      }`,
    ],
  ] as const)('refuses several tries by %s before any of them', async ([, shape], { app, world }) => {
    const user = await world.user();
    const input = `{ username: "${user.name}", password: "${WRONG}" }`;
    for (let round = 0; round < 12; round++) {
      const result = await graphql(app, null, shape.replaceAll('INPUT', input));
      expect(result).toEqual({
        errors: [
          {
            message: expect.stringMatching(/^Send \w+ in an operation without other logins/) as string,
            locations: expect.any(Array) as unknown[],
            extensions: { code: 'BadRequest' },
          },
        ],
      });
    }
    // None of them was counted: the account is not locked.
    expect((await postLogin(app, user.name, user.password)).statusCode).toBe(200);
  });

  it('counts tries of a password as REST does', async ({ app, world }) => {
    const user = await world.user();
    const login = (password: string) =>
      graphql(
        app,
        null,
        'mutation ($input: LoginInput!) { login(input: $input) { __typename ... on DomainError { code } } }',
        { input: { username: user.name, password } },
      );
    for (let tries = 0; tries < 10; tries++)
      expect((await login(WRONG)).data.login.code).toBe('InvalidCredentials');
    expect((await login(user.password)).data.login.code).toBe('TooManyRequests');
    expect((await postLogin(app, user.name, user.password)).statusCode).toBe(429);
  });
});

describe('tRPC', () => {
  const ATTEMPTS = [
    'auth.login',
    'auth.register',
    'auth.verifyEmail',
    'auth.resendVerification',
    'auth.requestPasswordReset',
    'auth.resetPassword',
    'auth.changePassword',
    'account.requestEmailChange',
    'account.confirmEmailChange',
    'account.delete',
  ];

  it.for(ATTEMPTS)('refuses %s in a batch', async (path, { app, world }) => {
    const user = await world.user();
    const input = { username: user.name, password: WRONG };
    const batch = (paths: readonly string[]) =>
      app.inject({
        method: 'POST',
        url: `/trpc/${paths.join(',')}?batch=1`,
        headers: user.headers,
        payload: Object.fromEntries(paths.map((_path, index) => [index, input])),
      });
    const answer = await batch([path, 'sessions.endOthers']);
    const [attempt, other] = answer.json<{ error?: { message: string; data: { domainCode: string } } }[]>();
    expect(attempt!.error).toMatchObject({
      message: `Call ${path} alone, not in a batch.`,
      data: { domainCode: 'BadRequest' },
    });
    expect(other).not.toHaveProperty('error');
  });

  it('counts tries of a password as REST does, and none of a batch', async ({ app, world }) => {
    const user = await world.user();
    const input = { username: user.name, password: WRONG };
    const login = (password: string) =>
      trpcMutation({ app, user: null, path: 'auth.login', input: { ...input, password } });
    const paths = Array.from({ length: 20 }, () => 'auth.login');
    const payload = Object.fromEntries(paths.map((_path, index) => [index, input]));
    await app.inject({ method: 'POST', url: `/trpc/${paths.join(',')}?batch=1`, payload });
    for (let tries = 0; tries < 10; tries++)
      expect((await login(WRONG)).error?.domainCode).toBe('InvalidCredentials');
    expect((await login(user.password)).error?.domainCode).toBe('TooManyRequests');
    expect((await postLogin(app, user.name, user.password)).statusCode).toBe(429);
  });
});
