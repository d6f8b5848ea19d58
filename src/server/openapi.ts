import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Config } from '../config.ts';
import { VERSION } from '../version.ts';

/** OpenAPI 3.1 at `/openapi.json`, made from the schemas of the routes, and a readable page at `/docs`. */
export const openapi = fp(
  async (app: FastifyInstance, { config }: { config: Config }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: config.siteName,
          version: VERSION,
          description:
            'The REST facade of Kohaku Hub: the Hugging Face Hub API, Git LFS and the hub’s own endpoints.',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: config.baseUrl }],
        components: {
          securitySchemes: {
            token: { type: 'http', scheme: 'bearer', description: 'An access token, hf_…' },
            session: { type: 'apiKey', in: 'cookie', name: 'session_id' },
          },
        },
        security: [{}, { token: [] }, { session: [] }],
      },
      transform: jsonSchemaTransform,
      transformObject: tidy,
    });
    await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { deepLinking: true } });
    app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  },
  { name: 'openapi' },
);

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  parameters?: readonly { readonly name: string; readonly in: string }[];
}

/**
 * Fastify calls the rest of a path `*`; in OpenAPI a parameter needs a name. Routes that share a schema describe what only some of
 * their paths have; in OpenAPI a path has no other parameters than it names.
 */
function tidy(document: Parameters<typeof jsonSchemaTransformObject>[0]) {
  const text = JSON.stringify(jsonSchemaTransformObject(document));
  const named = text.replaceAll('{*}', '{path}').replaceAll('"name":"*"', '"name":"path"');
  const parsed = JSON.parse(named) as Document;
  for (const [path, operations] of Object.entries(parsed.paths)) {
    for (const operation of Object.values(operations)) {
      operation.parameters &&= operation.parameters.filter(
        (parameter) => parameter.in !== 'path' || path.includes(`{${parameter.name}}`),
      );
    }
  }
  return parsed as ReturnType<typeof jsonSchemaTransformObject>;
}
