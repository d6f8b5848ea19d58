import { initTRPC, type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { DomainError, type DomainErrorCode, Forbidden, Unauthenticated } from '../../src/domain/errors.ts';
import { type SchemaContext, schemaContext } from '../context.ts';
import { Budget } from './budget.ts';
import { TRPC_CODE_OF } from './error-codes.ts';

/** Proxies close connections that are silent for a minute; clients that hear nothing for three pings come again. */
const SSE = {
  ping: { enabled: true, intervalMs: 15_000 },
  client: { reconnectAfterInactivityMs: 45_000 },
} as const;

/** What a procedure works with. */
export interface TrpcContext extends SchemaContext {
  /** How many calls the request holds: more than one in a batch. */
  readonly callCount: number;
  /** Of all of them together. */
  readonly budget: Budget;
}

/** @param callCount how many calls the request holds. */
export function trpcContext(request: FastifyRequest, reply: FastifyReply, callCount: number): TrpcContext {
  return { ...schemaContext(request, reply), callCount, budget: new Budget() };
}

const t = initTRPC.context<TrpcContext>().create({
  isDev: false,
  sse: SSE,
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: messageOf(error),
    data: { ...shape.data, domainCode: domainCodeOf(error), details: detailsOf(error) },
  }),
});

/** Domain errors keep their meaning; anything else that is thrown stays an internal error. */
const domainErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw toTrpcError(result.error.cause) ?? result.error;
  return result;
});

function toTrpcError(cause: unknown): TRPCError | null {
  if (!(cause instanceof DomainError)) return null;
  return new TRPCError({ code: TRPC_CODE_OF[cause.code], message: cause.message, cause });
}

/** A subscription's stream: errors keep their meaning here too, where the middleware is over. */
export async function* streamOf<Item>(
  opening: Promise<AsyncIterable<Item>>,
): AsyncGenerator<Item, void, undefined> {
  try {
    yield* await opening;
  } catch (error) {
    throw toTrpcError(error) ?? error;
  }
}

export const { router } = t;

/** What any call costs. */
const chargeCall = t.middleware(({ ctx, type, next }) => {
  ctx.budget.chargeCall(type);
  return next();
});

/**
 * What a call costs besides, by its input: `procedure.input(…).use(costs(({ limit }) => limit))`. It is refused before it runs when
 * the calls of its request come to more than they may.
 */
export function costs<Input>(pointsOf: (input: Input) => number) {
  return <Result>({ ctx, input, next }: CostsOptions<Input, Result>): Result => {
    ctx.budget.charge(pointsOf(input));
    return next();
  };
}

interface CostsOptions<Input, Result> {
  readonly ctx: Pick<TrpcContext, 'budget'>;
  readonly input: Input;
  readonly next: () => Result;
}

/** What everybody may call; the service decides. */
export const publicProcedure = t.procedure.use(domainErrors).use(chargeCall);

/** What needs a login, whatever the service decides further. */
export const procedure = publicProcedure.use(async ({ ctx, next }) => {
  if (ctx.actor.kind === 'anonymous') throw new Unauthenticated();
  return next({ ctx: { actor: ctx.actor } });
});

/** For administrators of the site. */
export const adminProcedure = procedure.use(async ({ ctx, next }) => {
  if (!ctx.actor.isAdmin) throw new Forbidden('Only administrators of this hub may do this.');
  return next();
});

/** What tRPC refuses itself, by the codes of the domain. */
const CODE_OF_TRPC: Readonly<Partial<Record<TRPC_ERROR_CODE_KEY, DomainErrorCode>>> = {
  BAD_REQUEST: 'BadRequest',
  PARSE_ERROR: 'BadRequest',
  METHOD_NOT_SUPPORTED: 'BadRequest',
  UNSUPPORTED_MEDIA_TYPE: 'BadRequest',
  NOT_FOUND: 'NotFound',
  PAYLOAD_TOO_LARGE: 'PayloadTooLarge',
};

/** The code that all doors give to the same refusal; null for what is no refusal of the domain. */
function domainCodeOf({ cause, code }: TRPCError): DomainErrorCode | null {
  return cause instanceof DomainError ? cause.code : (CODE_OF_TRPC[code] ?? null);
}

function detailsOf({ cause }: TRPCError): Readonly<Record<string, unknown>> {
  return cause instanceof DomainError ? cause.details : {};
}

function messageOf({ cause, code, message }: TRPCError): string {
  if (code === 'INTERNAL_SERVER_ERROR') return 'Internal server error';
  if (!(cause instanceof ZodError)) return message;
  const issue = cause.issues[0];
  return `${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'invalid'}`;
}
