import type { RouteModule } from './routeModule.ts';

/** For Prometheus: numbers only, with METRICS_TOKEN. */
export const metricsRoutes: RouteModule = async (app, { api }) => {
  const { registry } = api.metrics;
  app.get(
    '/metrics',
    { config: { access: 'metrics', limit: 'none' }, logLevel: 'warn', schema: { hide: true } },
    async (_request, reply) => {
      reply.type(registry.contentType);
      return registry.metrics();
    },
  );
};
