import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../src/domain/admin/audit-action.ts';
import { AUDIT_SUBJECTS } from '../../src/domain/admin/audit-entry.entity.ts';
import type { AuditFilter } from '../../src/domain/admin/audit.queries.ts';
import { wireDate } from '../wire/dates.ts';
import { nextLink } from '../wire/link-header.ts';
import { adminPage, tags } from './admin-wire.ts';
import { shortText, wireDateSchema } from './schemas.ts';

const moment = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .optional();

const Query = z.object({
  action: z.enum(AUDIT_ACTIONS).optional(),
  actor: shortText.optional().describe('The name that the administrator had then'),
  subject_kind: z.enum(AUDIT_SUBJECTS).optional(),
  subject: shortText
    .optional()
    .describe('The name that the subject had then; repositories: `model ada/bert`'),
  since: moment,
  until: moment.describe('Before this moment'),
  ...adminPage,
});

const Answer = z.object({
  entries: z.array(
    z.object({
      id: z.int(),
      at: wireDateSchema,
      actor: z.object({ id: z.int(), name: z.string() }),
      action: z.string(),
      subject: z.object({ kind: z.enum(AUDIT_SUBJECTS), id: z.int().nullable(), name: z.string() }),
      details: z.record(z.string(), z.unknown()),
      address: z.string().nullable(),
    }),
  ),
});

/** GET /api/admin/audit: what administrators of the site did, newest first. */
export const adminAuditRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/admin/audit',
    { schema: { summary: 'What administrators did', tags, querystring: Query, response: { 200: Answer } } },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { limit, cursor } = request.query;
      const page = await services.audit.list(actor, { ...filterOf(request.query), limit, cursor });
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return {
        entries: page.items.map((entry) => ({
          id: entry.id,
          at: wireDate(entry.at),
          actor: { id: entry.actorId, name: entry.actorName },
          action: entry.action,
          subject: { kind: entry.subjectKind, id: entry.subjectId, name: entry.subjectName },
          details: entry.details,
          address: entry.address,
        })),
      };
    },
  );
};

function filterOf(query: z.output<typeof Query>): AuditFilter {
  return {
    action: query.action ?? null,
    actorName: query.actor ?? null,
    subjectKind: query.subject_kind ?? null,
    subjectName: query.subject ?? null,
    since: query.since ?? null,
    until: query.until ?? null,
  };
}
