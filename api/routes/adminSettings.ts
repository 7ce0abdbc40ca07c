import { z } from 'zod';
import {
  environmentSchema,
  tenantSettingsInputSchema,
  tenantSettingsViewSchema,
} from '../../contracts/tenantSettings.ts';
import { getTenantSettings } from '../../db/queries/settings/getTenantSettings.ts';
import { saveTenantSettings } from '../../db/queries/settings/saveTenantSettings.ts';
import { byRequest } from '../access/byRequest.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const shared = { tags: ['admin'], params: z.object({ environment: environmentSchema }) };

/** A tenant's settings and feature flags, one set an environment. They hold on every instance within 5 s. */
export const adminSettingsRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/admin/settings/:environment',
    {
      config: { access: { scope: 'settings:read', role: 'viewer' } },
      schema: { ...shared, response: { 200: tenantSettingsViewSchema, ...problemResponses(...ADMIN_PROBLEMS) } },
    },
    async ({ tenantId, params }) => getTenantSettings(api.db, tenantId, params.environment),
  );

  app.put(
    '/v1/admin/settings/:environment',
    {
      config: { access: { scope: 'settings:write', role: 'admin' } },
      schema: {
        ...shared,
        body: tenantSettingsInputSchema,
        response: { 200: tenantSettingsViewSchema, ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS) },
      },
    },
    async (request) => {
      const { tenantId, params, body } = request;
      const before = await getTenantSettings(api.db, tenantId, params.environment);
      const saved = await saveTenantSettings(api.db, { tenantId, ...params, ...body }, byRequest(request));
      if (saved.flags.telegram && !before.flags.telegram) await api.telegramSetup.retryDeliveries(tenantId);
      return saved;
    },
  );
};
