import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { MAX_AVATAR_BYTES } from '../../src/domain/account/avatar-image.ts';
import type { AvatarOwner } from '../../src/domain/account/avatar.service.ts';
import { BadRequest, PayloadTooLarge } from '../../src/domain/errors.ts';
import { isFresh } from '../wire/byte-range.ts';
import { done } from './schemas.ts';

const PATHS = [
  { path: '/api/users/:name/avatar', kind: 'user', tag: 'accounts' },
  { path: '/api/organizations/:name/avatar', kind: 'org', tag: 'organizations' },
] as const;
type Path = (typeof PATHS)[number];

/** What a form may hold beside the file: nothing that is read. */
const FORM_LIMITS = { fileSize: MAX_AVATAR_BYTES, files: 1, fields: 4, fieldSize: 1024, parts: 5 };
const MAX_AGE_SECONDS = 300;
const Params = z.object({ name: z.string() });

/** POST, GET and DELETE of the picture of a user or an organisation (specification: avatar management). */
export const avatarRoutes: FastifyPluginAsyncZod = async (app) => {
  await app.register(multipart, { limits: FORM_LIMITS });
  for (const path of PATHS) {
    addUpload(app, path);
    addRead(app, path);
    addDelete(app, path);
  }
};

function addUpload(app: FastifyInstance, { path, kind, tag }: Path): void {
  app.post<{ Params: z.infer<typeof Params> }>(
    path,
    {
      schema: {
        summary: 'Set the picture: the file of a form',
        description:
          'JPEG, PNG, WebP or GIF of at most 10 MB and 50 megapixels. It becomes a square JPEG of at most 1024 pixels.',
        tags: [tag],
        consumes: ['multipart/form-data'],
        params: Params,
        response: { 200: done.extend({ size_bytes: z.int() }) },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const owner = { kind, name: request.params.name };
      await services.avatars.requireChange(actor, owner);
      const { sizeBytes } = await services.avatars.set(actor, owner, await uploadedFile(request));
      return { success: true as const, message: 'Avatar uploaded successfully', size_bytes: sizeBytes };
    },
  );
}

function addRead(app: FastifyInstance, { path, kind, tag }: Path): void {
  app.get<{ Params: z.infer<typeof Params> }>(
    path,
    { schema: { summary: 'The picture, or a default one: JPEG', tags: [tag], params: Params } },
    async (request, reply) => sendPicture(request, reply, { kind, name: request.params.name }),
  );
}

function addDelete(app: FastifyInstance, { path, kind, tag }: Path): void {
  app.delete<{ Params: z.infer<typeof Params> }>(
    path,
    {
      schema: {
        summary: 'Go back to the default picture',
        tags: [tag],
        params: Params,
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.avatars.remove(actor, { kind, name: request.params.name });
      return { success: true as const, message: 'Avatar deleted successfully' };
    },
  );
}

async function sendPicture(
  request: FastifyRequest,
  reply: FastifyReply,
  owner: AvatarOwner,
): Promise<FastifyReply> {
  const { services } = request.scope;
  const picture = await services.avatars.find(owner);
  const etag = `"${picture.tag}"`;
  reply.headers({
    etag,
    'cache-control': `public, max-age=${MAX_AGE_SECONDS}`,
    'x-content-type-options': 'nosniff',
  });
  if (picture.updatedAt) reply.header('last-modified', picture.updatedAt.toUTCString());
  if (isFresh(request.headers, etag)) return reply.code(304).send();
  return reply.type('image/jpeg').send(await services.avatars.read(picture));
}

/** @throws {BadRequest} no form with a file, or a broken one. @throws {PayloadTooLarge} */
async function uploadedFile(request: FastifyRequest): Promise<Buffer> {
  if (!request.isMultipart()) {
    throw new BadRequest('Send the picture as the field "file" of a multipart/form-data form.');
  }
  const part = await request.file().catch((error: Error) => {
    throw new BadRequest(`The form cannot be read: ${error.message}`, {}, { cause: error });
  });
  if (part?.fieldname !== 'file') throw new BadRequest('file: the form has no file of this name.');
  return part.toBuffer().catch((error: Error) => {
    if (part.file.truncated) {
      throw new PayloadTooLarge(`file: the picture is larger than ${MAX_AVATAR_BYTES} bytes.`);
    }
    throw new BadRequest(`The form cannot be read: ${error.message}`, {}, { cause: error });
  });
}
