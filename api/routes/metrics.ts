import type { RouteModule } from './routeModule.ts';

/** For Prometheus. Numbers only; who may reach it is the network's matter. */
export const metricsRoutes: RouteModule = async (app, { api }) => {
  const { registry } = api.metrics;
  app.get('/metrics', { logLevel: 'warn', schema: { hide: true } }, async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
};
