import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { MAX_FRAME_BYTES } from '../contracts/message.ts';
import { installAccess } from './access/installAccess.ts';
import { createRights } from './access/rights.ts';
import type { ApiContext, ApiDeps } from './context.ts';
import { createDirectory } from './edge/directory.ts';
import { signingKeysOf } from './edge/signingKeys.ts';
import { createSingleUse } from './edge/singleUse.ts';
import { installDocs } from './plugins/docs.ts';
import { installLimits } from './plugins/limits.ts';
import { watchMethods } from './plugins/methodNotAllowed.ts';
import { createErrorHandler, installProblems } from './plugins/problems.ts';
import { installSecurity } from './plugins/security.ts';
import { adminCodecRoutes } from './routes/adminCodec.ts';
import { adminConversationsRoutes } from './routes/adminConversations.ts';
import { conversationMessagesRoutes } from './routes/conversationMessages.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { webchatConfigRoutes } from './routes/webchatConfig.ts';
import { webchatEventsRoutes } from './routes/webchatEvents.ts';
import { webchatInitRoutes } from './routes/webchatInit.ts';
import { webchatMessageRoutes } from './routes/webchatMessage.ts';
import { widgetRoutes } from './routes/widget.ts';
import { telegramRoutes } from './telegram/routes.ts';
import { registerSocketRoutes } from './ws/socketRoutes.ts';

const ROUTES = [
  webchatConfigRoutes,
  webchatInitRoutes,
  webchatMessageRoutes,
  webchatEventsRoutes,
  conversationMessagesRoutes,
  adminConversationsRoutes,
  adminCodecRoutes,
  widgetRoutes,
  healthRoutes,
  metricsRoutes,
];

/** Builds one API instance; the caller listens, and closes what it handed in after closing the app. */
export async function buildApp(deps: ApiDeps): Promise<FastifyInstance> {
  const { logger, telegram, ...parts } = deps;
  const api = createContext(parts);
  const handleError = createErrorHandler(api.metrics);
  const app: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    bodyLimit: MAX_FRAME_BYTES,
    trustProxy: (_address, hop) => hop < deps.settings.trustedProxies,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    logController: new LogController({ requestIdLogLabel: 'request_id' }),
    forceCloseConnections: 'idle',
    frameworkErrors: handleError,
    // Refused by a hook instead, with a problem of ours.
    return503OnClosing: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));

  await installSecurity(app, deps.settings);
  installProblems(app, handleError);
  installLimits(app, api);
  installAccess(app, api);
  await installDocs(app);
  const refuseOtherMethods = watchMethods(app);
  await registerSocketRoutes(app, api, logger);
  for (const routes of ROUTES) await app.register(routes, { api });
  if (telegram) await app.register(telegramRoutes, telegram);
  refuseOtherMethods();
  return app;
}

function createContext(parts: Omit<ApiDeps, 'logger' | 'telegram'>): ApiContext {
  const { db, redis, settings } = parts;
  return {
    ...parts,
    keys: signingKeysOf(settings.jwtSecret, settings.otherJwtSecrets),
    singleUse: createSingleUse({ redis, prefix: settings.redisPrefix }),
    directory: createDirectory(db, settings.environment),
    rights: createRights(db),
  };
}
