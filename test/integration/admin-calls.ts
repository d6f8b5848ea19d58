import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { it as base } from '../support/it.ts';
import type { TestUser } from '../support/world.ts';

/** An entry of the audit log as the API shows it. */
export interface ShownEntry {
  readonly id: number;
  readonly at: string;
  readonly actor: { readonly id: number; readonly name: string };
  readonly action: string;
  readonly subject: { readonly kind: string; readonly id: number | null; readonly name: string };
  readonly details: Readonly<Record<string, unknown>>;
  readonly address: string | null;
}

/** Requests below /api/admin, as a client without a library would send them. */
export class AdminCalls {
  readonly #app: FastifyInstance;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /** @param call such as `POST /users/ada/suspend`. Without a user the call is anonymous. */
  send(user: TestUser | null, call: string, payload?: object): Promise<LightMyRequestResponse> {
    const [method, path = ''] = call.split(' ');
    return this.#app.inject({
      method: method as 'GET',
      url: `/api/admin${path}`,
      headers: user?.headers ?? {},
      ...(payload && { payload }),
    });
  }

  /** The same for a call that must succeed. */
  async ok<Answer = Record<string, unknown>>(
    user: TestUser,
    call: string,
    payload?: object,
  ): Promise<Answer> {
    const answer = await this.send(user, call, payload);
    if (answer.statusCode !== 200) throw new Error(`${call}: ${answer.statusCode} ${answer.body}`);
    return answer.json<Answer>();
  }

  /** What a call that must fail answers: status and code. */
  async refused(user: TestUser | null, call: string, payload?: object): Promise<[number, unknown]> {
    const answer = await this.send(user, call, payload);
    return [answer.statusCode, answer.headers['x-error-code']];
  }

  /** Entries about a subject, newest first. */
  async log(admin: TestUser, subject: string): Promise<readonly ShownEntry[]> {
    const query = new URLSearchParams({ subject }).toString();
    return (await this.ok<{ entries: ShownEntry[] }>(admin, `GET /audit?${query}`)).entries;
  }

  /** Actions and details about a subject, oldest first. */
  async acts(admin: TestUser, subject: string): Promise<readonly [string, object][]> {
    const entries = await this.log(admin, subject);
    return entries.map(({ action, details }): [string, object] => [action, details]).toReversed();
  }
}

/** Tests of one hub, with calls of administrators. */
export const it = base.extend('admins', { scope: 'file' }, ({ app }) => new AdminCalls(app));
