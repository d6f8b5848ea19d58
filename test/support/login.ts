import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { TestUser } from './world.ts';

/** The answer of a login with a password. */
export function postLogin(
  app: FastifyInstance,
  username: string,
  password: string,
  remoteAddress = '127.0.0.1',
): Promise<LightMyRequestResponse> {
  const payload = { username, password };
  return app.inject({ method: 'POST', url: '/api/auth/login', payload, remoteAddress });
}

/** Logs a browser in. @returns its `Cookie` header. */
export async function cookieOf(app: FastifyInstance, user: TestUser): Promise<{ cookie: string }> {
  const login = await postLogin(app, user.name, user.password);
  const [session] = login.cookies;
  if (!session) throw new Error(`no cookie in the answer ${login.statusCode} ${login.body}`);
  return { cookie: `${session.name}=${session.value}` };
}
