import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { createWebhookSender } from '../channels/webhook/sendWebhook.ts';
import { MAX_FRAME_BYTES } from '../contracts/message.ts';
import { wasSaidByAgent } from '../db/queries/wasSaidByAgent.ts';
import { createApiKeys } from './access/apiKeys.ts';
import { installAccess } from './access/installAccess.ts';
import { createRights } from './access/rights.ts';
import type { ApiContext, ApiDeps } from './context.ts';
import { createDirectory } from './edge/directory.ts';
import { createIdentities } from './edge/identities.ts';
import { createKnownOrigins } from './edge/knownOrigins.ts';
import { RevocationWatch } from './edge/revocationWatch.ts';
import { createSightings } from './edge/sightings.ts';
import { signingKeysOf } from './edge/signingKeys.ts';
import { createSingleUse } from './edge/singleUse.ts';
import { toCodedError } from './errors/toCodedError.ts';
import { endSlowBodies, LONGEST_REQUEST_MS } from './plugins/bodyDeadline.ts';
import { installDocs } from './plugins/docs.ts';
import { installLimits } from './plugins/limits.ts';
import { watchMethods } from './plugins/methodNotAllowed.ts';
import { createErrorHandler, installProblems } from './plugins/problems.ts';
import { queueUpgrades } from './plugins/queueUpgrades.ts';
import { installSecurity } from './plugins/security.ts';
import { endSilentConnections } from './plugins/silentConnections.ts';
import { createPortalAgents } from './portal/portalAgents.ts';
import { RequestLog } from './requestLog.ts';
import { adminAiAgentsRoutes } from './routes/adminAiAgents.ts';
import { adminApiKeysRoutes } from './routes/adminApiKeys.ts';
import { adminAuditRoutes } from './routes/adminAudit.ts';
import { adminChannelsRoutes } from './routes/adminChannels.ts';
import { adminCodecRoutes } from './routes/adminCodec.ts';
import { adminConversationsRoutes } from './routes/adminConversations.ts';
import { adminErasuresRoutes } from './routes/adminErasures.ts';
import { adminExportsRoutes } from './routes/adminExports.ts';
import { adminIdentityProviderRoutes } from './routes/adminIdentityProvider.ts';
import { adminInvitationsRoutes } from './routes/adminInvitations.ts';
import { adminLedgerRoutes } from './routes/adminLedger.ts';
import { adminMembersRoutes } from './routes/adminMembers.ts';
import { adminSessionsRoutes } from './routes/adminSessions.ts';
import { adminSettingsRoutes } from './routes/adminSettings.ts';
import { adminSitesRoutes } from './routes/adminSites.ts';
import { adminTelegramChannelsRoutes } from './routes/adminTelegramChannels.ts';
import { adminTenantsRoutes } from './routes/adminTenants.ts';
import { adminWebhookDeliveriesRoutes } from './routes/adminWebhookDeliveries.ts';
import { adminWebhooksRoutes } from './routes/adminWebhooks.ts';
import { conversationMessagesRoutes } from './routes/conversationMessages.ts';
import { filesRoutes } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { peopleRoutes } from './routes/people/peopleRoutes.ts';
import { portalConversationsRoutes } from './routes/portalConversations.ts';
import { portalMessagesRoutes } from './routes/portalMessages.ts';
import { v1StartRoutes } from './routes/v1Start.ts';
import { webchatConfigRoutes } from './routes/webchatConfig.ts';
import { webchatEventsRoutes } from './routes/webchatEvents.ts';
import { webchatFilesRoutes } from './routes/webchatFiles.ts';
import { webchatInitRoutes } from './routes/webchatInit.ts';
import { webchatMessageRoutes } from './routes/webchatMessage.ts';
import { webchatRatingRoutes } from './routes/webchatRating.ts';
import { widgetRoutes } from './routes/widget.ts';
import { telegramRoutes } from './telegram/routes.ts';
import { createReceipts } from './ws/receipts.ts';
import { registerSocketRoutes } from './ws/socketRoutes.ts';

/** Who connects and says nothing, or a letter now and then, is gone within 10 s, like a socket without a first frame. */
const HEADERS_WITHIN_MS = 5_000;
const CHECK_CONNECTIONS_MS = 1_000;

const ROUTES = [
  webchatConfigRoutes,
  webchatInitRoutes,
  webchatMessageRoutes,
  webchatRatingRoutes,
  webchatFilesRoutes,
  filesRoutes,
  v1StartRoutes,
  webchatEventsRoutes,
  conversationMessagesRoutes,
  portalConversationsRoutes,
  portalMessagesRoutes,
  adminConversationsRoutes,
  adminSessionsRoutes,
  adminCodecRoutes,
  adminApiKeysRoutes,
  adminMembersRoutes,
  adminInvitationsRoutes,
  adminIdentityProviderRoutes,
  adminTenantsRoutes,
  adminSettingsRoutes,
  adminSitesRoutes,
  adminAiAgentsRoutes,
  adminChannelsRoutes,
  adminTelegramChannelsRoutes,
  adminWebhooksRoutes,
  adminWebhookDeliveriesRoutes,
  adminAuditRoutes,
  adminExportsRoutes,
  adminErasuresRoutes,
  adminLedgerRoutes,
  widgetRoutes,
  healthRoutes,
  metricsRoutes,
  peopleRoutes,
];

/** Builds one API instance; the caller listens, and closes what it handed in after closing the app. */
export async function buildApp(deps: ApiDeps): Promise<FastifyInstance> {
  const { logger, telegram, ...parts } = deps;
  const api = createContext(parts, logger);
  const handleError = createErrorHandler(api.metrics);
  const app: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    bodyLimit: MAX_FRAME_BYTES,
    trustProxy: (_address, hop) => hop < deps.settings.trustedProxies,
    http: { headersTimeout: HEADERS_WITHIN_MS, connectionsCheckingInterval: CHECK_CONNECTIONS_MS },
    requestTimeout: LONGEST_REQUEST_MS,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    // Left out like any other property that nobody knows; it must not become an object's prototype.
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    logController: new RequestLog({ requestIdLogLabel: 'request_id' }),
    forceCloseConnections: 'idle',
    frameworkErrors: handleError,
    // Refused by a hook instead, with a problem of ours.
    return503OnClosing: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));

  await installSecurity(app, api);
  app.addHook('preClose', () => api.revocations.close());
  app.addHook('onClose', () => api.sightings.close());
  queueUpgrades(app);
  endSilentConnections(app);
  endSlowBodies(app);
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

function createContext(parts: Omit<ApiDeps, 'logger' | 'telegram'>, logger: Logger): ApiContext {
  const { db, engine, hub, metrics, redis, secrets, settings } = parts;
  const { environment, allowedOrigins: installation } = settings;
  const directory = createDirectory(db, environment);
  return {
    ...parts,
    keys: signingKeysOf(settings.jwtSecret, settings.otherJwtSecrets),
    singleUse: createSingleUse({ redis, prefix: settings.redisPrefix }),
    directory,
    receipts: createReceipts({
      engine,
      wasSaidByAgent: (ref, messageId) => wasSaidByAgent(db, ref, messageId),
      onLost: (error) => logger.debug({ code: toCodedError(error).code }, 'a receipt was lost'),
    }),
    visitorChanged: (ref) =>
      void engine
        .signalVisitorChanged(ref)
        .catch((error: unknown) => logger.debug({ code: toCodedError(error).code }, 'a card stays as it is')),
    identities: createIdentities({ secrets, allowPrivate: settings.privateKeySets }),
    origins: createKnownOrigins({ db, environment, installation }),
    revocations: new RevocationWatch({ db, hub, directory, logger }),
    sightings: createSightings(db, metrics.dropped),
    portalAgents: createPortalAgents(db, environment),
    sendWebhook: createWebhookSender({ allowedHosts: settings.webhookHosts }),
    rights: createRights(db),
    apiKeys: createApiKeys({ db, logger }),
  };
}
