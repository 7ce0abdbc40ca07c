import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ApiContext } from '../context.ts';

/** A resource's routes. */
export type RouteModule = FastifyPluginAsyncZod<{ api: ApiContext }>;
