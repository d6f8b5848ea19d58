import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { InvalidCredentials } from '../../src/domain/errors.ts';

/** Where the content-addressed store is: `casUrl` of `XetUrls`. */
export const XET_BASE = '/xet/:instance';

export const InstanceParams = z.object({ instance: z.string().max(100) });

/** The Xet token of a request. @throws {InvalidCredentials} without one. */
export function xetToken({ headers }: FastifyRequest): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) throw new InvalidCredentials('Send the Xet token as `Authorization: Bearer …`.');
  return token;
}

/** Signed URLs carry their permission with them. */
export const SignedQuery = z.object({ token: z.string() });
