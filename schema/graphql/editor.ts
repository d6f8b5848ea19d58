import type { FastifyRequest } from 'fastify';

/** Whether somebody looks at the address with a browser. */
export function wantsEditor({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && (headers.accept?.includes('text/html') ?? false);
}

/** The page of the editor. It has 9 MB, and is the same for everybody: render it once. */
export async function renderEditor(siteName: string): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return Buffer.from(renderGraphiQL({ title: `GraphQL of ${siteName}` }));
}
