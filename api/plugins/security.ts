import cors, { type FastifyCorsOptions } from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiSettings } from '../context.ts';

const VISITOR_ROUTES = /^\/v1\/(webchat|conversations)\//;
const CODEC_ROUTES = /^\/v1\/admin\/codec\//;
const WIDGET = /^\/widget\.js/;
const PREFLIGHT_SECONDS = 600;

/** Security headers and CORS. */
export async function installSecurity(app: FastifyInstance, { allowedOrigins }: ApiSettings): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    // The widget's script and the answers to it are used by pages of other origins.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  await app.register(cors, {
    delegator: async (request: FastifyRequest) => ({
      ...corsOptionsOf(request, allowedOrigins),
      maxAge: PREFLIGHT_SECONDS,
      strictPreflight: false,
      exposedHeaders: ['retry-after', 'x-request-id'],
    }),
  });
}

/**
 * A preflight names no site, so it is granted to any origin; there are no cookies that this could expose. The routes behind it
 * refuse origins that are not on their site's list (see requireOrigin) before they answer with data, and a refusal is readable
 * to everyone: a developer shall read the reason instead of a riddle.
 */
function corsOptionsOf(request: FastifyRequest, allowedOrigins: string[]): FastifyCorsOptions {
  const { url } = request;
  if (VISITOR_ROUTES.test(url)) return { origin: true, methods: ['GET', 'POST'] };
  if (CODEC_ROUTES.test(url)) return { origin: allowedOrigins, methods: ['POST'] };
  return { origin: WIDGET.test(url) };
}
