import cors, { type FastifyCorsOptions } from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiContext } from '../context.ts';

const VISITOR_ROUTES = /^\/v1\/(webchat|conversations)\//;
const CODEC_ROUTES = /^\/v1\/admin\/codec\//;
const WIDGET = /^\/widget\.js/;
const PREFLIGHT_SECONDS = 600;

type Guard = Pick<ApiContext, 'origins' | 'settings'>;

/** Security headers and CORS. */
export async function installSecurity(app: FastifyInstance, api: Guard): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    },
    // The widget's script and the answers to it are used by pages of other origins.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  await app.register(cors, {
    delegator: async (request: FastifyRequest) => ({
      ...(await corsOptionsOf(request, api)),
      maxAge: PREFLIGHT_SECONDS,
      strictPreflight: false,
      exposedHeaders: ['retry-after', 'x-request-id'],
    }),
  });
}

/**
 * A preflight names no site, so it is granted to the origins that some site allows; there are no cookies that this could expose.
 * The routes behind it refuse who is not on the list of the site that the request names (see requireOrigin), and then the answer
 * allows no origin at all. An origin that is on nobody's list is allowed nothing from the start.
 */
async function corsOptionsOf(
  { url, headers }: FastifyRequest,
  { origins, settings }: Guard,
): Promise<FastifyCorsOptions> {
  if (WIDGET.test(url)) return { origin: '*' };
  if (CODEC_ROUTES.test(url)) return { origin: settings.allowedOrigins, methods: ['POST'] };
  const { origin } = headers;
  if (!VISITOR_ROUTES.test(url) || origin === undefined) return { origin: [] };
  return { origin: (await origins.has(origin)) ? [origin] : [], methods: ['GET', 'POST'] };
}
