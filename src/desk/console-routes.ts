import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { packageRoot } from '../config.ts';
import { CorridorError } from '../errors.ts';

/** Paths of pages; src/console/pages/routes.tsx says what each of them shows. */
const PAGES = [
  ...['/', '/sign-in', '/overview', '/declarations', '/declarations/*', '/migration'],
  ...['/profiles', '/drafts', '/policies', '/lists'].flatMap((path) => [path, `${path}/*`]),
];
const ASSETS_MAX_AGE_MS = 365 * 86_400_000;

/** Open, since the page and its assets say nothing about anybody; what they show they ask for themselves. */
const OPEN = { config: { access: 'open' }, schema: { hide: true } } as const;
const FREE = { config: { access: 'open', unlimited: true }, schema: { hide: true } } as const;

/**
 * Serves the console: one page at every path of it, assets under /console/. A browser that asks for anything else gets
 * the page too, with 404, so that a mistyped address is explained. Needs the build of scripts/console.mjs.
 */
export async function registerConsole(server: FastifyInstance): Promise<void> {
  const folder = join(packageRoot(), 'dist', 'console');
  const html = readFileSync(join(folder, 'page.html'), 'utf8');
  await server.register(fastifyStatic, {
    root: join(folder, 'assets'),
    serve: false,
    preCompressed: true,
    immutable: true,
    maxAge: ASSETS_MAX_AGE_MS,
  });
  server.get('/console/*', FREE, (request, reply) => reply.sendFile((request.params as { '*': string })['*']));
  const page = (reply: FastifyReply, status: number): FastifyReply =>
    reply
      .code(status)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .serializer(String)
      .send(html);
  for (const path of PAGES) server.get(path, FREE, (_request, reply) => page(reply, 200));
  server.get('/*', OPEN, (request, reply) => {
    if (!wantsPage(request)) throw new CorridorError('not_found', 'There is nothing at this address');
    return page(reply, 404);
  });
}

function wantsPage({ headers, url }: FastifyRequest): boolean {
  return !url.startsWith('/v1/') && (headers.accept ?? '').includes('text/html');
}
