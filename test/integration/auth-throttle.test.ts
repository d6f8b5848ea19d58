import { expect } from 'vitest';
import { cookieOf, postLogin } from '../support/login.ts';
import { it } from '../support/it.ts';

const statuses = (answers: readonly { statusCode: number }[]): number[] =>
  answers.map((answer) => answer.statusCode);

it('an account takes ten wrong passwords in a quarter of an hour, whatever the addresses', async ({
  app,
  world,
}) => {
  const alice = await world.user();
  const wrong = await Promise.all(
    Array.from({ length: 12 }, (_, at) => postLogin(app, alice.name, 'wrong', `10.1.0.${at}`)),
  );
  expect(statuses(wrong).filter((status) => status === 401)).toHaveLength(10);
  expect(statuses(wrong).filter((status) => status === 429)).toHaveLength(2);
  const right = await postLogin(app, alice.name.toUpperCase(), alice.password, '10.1.1.1');
  expect(right.statusCode).toBe(429);
  expect(right.headers['x-error-code']).toBe('TooManyRequests');
  expect(Number(right.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(right.headers['retry-after'])).toBeLessThanOrEqual(900);
});

it('neither tokens nor sessions are locked out with the password', async ({ app, world }) => {
  const alice = await world.user();
  const cookie = await cookieOf(app, alice);
  for (let attempt = 0; attempt < 11; attempt++) await postLogin(app, alice.name, 'wrong', '10.2.0.1');
  const basicPassword = `Basic ${Buffer.from(`${alice.name}:${alice.password}`).toString('base64')}`;
  const answers = await Promise.all(
    [alice.headers, cookie, { authorization: basicPassword }].map((headers) =>
      app.inject({ url: '/api/auth/me', headers, remoteAddress: '10.2.0.1' }),
    ),
  );
  expect(statuses(answers)).toEqual([200, 200, 429]);
});

it('the right password forgets the wrong ones', async ({ app, world }) => {
  const alice = await world.user();
  for (let round = 0; round < 2; round++) {
    for (let attempt = 0; attempt < 9; attempt++) await postLogin(app, alice.name, 'wrong', '10.3.0.1');
    const right = await postLogin(app, alice.name, alice.password, '10.3.0.1');
    expect(right.statusCode).toBe(200);
  }
});

it('an address takes sixty wrong passwords, an IPv6 network counts as one address', async ({
  app,
  world,
}) => {
  const alice = await world.user();
  const guesses = Array.from({ length: 60 }, (_, at) =>
    postLogin(app, `nobody-${at}`, 'wrong', `2001:db8:1:1::${at}`),
  );
  expect(new Set(statuses(await Promise.all(guesses)))).toEqual(new Set([401]));
  const [same, other] = [
    await postLogin(app, alice.name, alice.password, '2001:db8:1:1:ffff::1'),
    await postLogin(app, alice.name, alice.password, '2001:db8:1:2::1'),
  ];
  expect(statuses([same, other])).toEqual([429, 200]);
});

it('Basic passwords and password changes count too', async ({ app, world }) => {
  const alice = await world.user();
  const authorization = `Basic ${Buffer.from(`${alice.name}:wrong`).toString('base64')}`;
  for (let attempt = 0; attempt < 5; attempt++) {
    await app.inject({ url: '/api/version', headers: { authorization }, remoteAddress: '10.4.0.1' });
    await app.inject({
      method: 'POST',
      url: '/api/auth/password',
      headers: alice.headers,
      payload: { current_password: 'wrong', new_password: 'another password' },
      remoteAddress: '10.4.0.1',
    });
  }
  const login = await postLogin(app, alice.name, alice.password, '10.4.0.2');
  expect(login.statusCode).toBe(429);
});

it('an address registers thirty accounts in an hour', async ({ app, world }) => {
  const register = (username: string) =>
    app.inject({
      method: 'POST',
      url: '/api/auth/register',
      payload: { username, email: `${username}@example.test`, password: 'long enough' },
      remoteAddress: '10.5.0.1',
    });
  const answers = await Promise.all(Array.from({ length: 31 }, () => register(world.name('many'))));
  expect(statuses(answers).filter((status) => status === 200)).toHaveLength(30);
  expect(statuses(answers).filter((status) => status === 429)).toHaveLength(1);
});
