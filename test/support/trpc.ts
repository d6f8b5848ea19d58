import type { FastifyInstance } from 'fastify';
import type { TestUser } from './world.ts';

/** What one call answers with, as it travels. */
export interface TrpcAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- Tests look into what they asked for.
  readonly data?: any;
  readonly error?: { readonly message: string; readonly domainCode: string | null };
}

interface Call {
  readonly app: FastifyInstance;
  /** Whose token goes with it; null is anonymous. */
  readonly user: TestUser | null;
  readonly path: string;
  readonly input?: unknown;
}

export function trpcQuery({ app, user, path, input }: Call): Promise<TrpcAnswer> {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return answerOf(app.inject({ method: 'GET', url: `/trpc/${path}${query}`, headers: user?.headers ?? {} }));
}

export function trpcMutation({ app, user, path, input }: Call): Promise<TrpcAnswer> {
  return answerOf(
    app.inject({
      method: 'POST',
      url: `/trpc/${path}`,
      headers: { ...user?.headers, 'content-type': 'application/json' },
      payload: JSON.stringify(input ?? {}),
    }),
  );
}

async function answerOf(sending: Promise<{ statusCode: number; json: () => unknown }>): Promise<TrpcAnswer> {
  const answer = await sending;
  const body = answer.json() as {
    result?: { data?: unknown };
    error?: { message: string; data: { domainCode: string | null } };
  };
  if (!body.error) return { status: answer.statusCode, data: body.result?.data };
  const { message, data } = body.error;
  return { status: answer.statusCode, error: { message, domainCode: data.domainCode } };
}
