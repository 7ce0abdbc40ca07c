import { z } from 'zod';
import { MAX_FILE_BYTES } from '../../contracts/fileLimits.ts';
import { MAX_FRAME_BYTES, MAX_MESSAGE_LENGTH } from '../../contracts/message.ts';
import { configResponseSchema, siteKeySchema } from '../../contracts/webchat.ts';
import { isUnderAttack } from '../edge/admitStart.ts';
import { issueChallenge } from '../edge/challenge.ts';
import { originOf, requireOrigin } from '../edge/origin.ts';
import { describeWork } from '../edge/proofOfWork.ts';
import { allowedOrigins } from '../edge/visitor.ts';
import { problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

/** What the widget draws itself from, and the challenge that lets it begin. */
export const webchatConfigRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/webchat/config',
    {
      config: { access: 'public', limit: 'ip.config' },
      schema: {
        tags: ['webchat'],
        querystring: z.object({ siteKey: siteKeySchema }),
        response: {
          200: configResponseSchema,
          ...problemResponses('invalid_request', 'origin_not_allowed', 'site_unknown', 'database_unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { siteKey } = request.query;
      const site = await api.directory.site(siteKey);
      const origin = originOf(request.headers);
      requireOrigin(origin, allowedOrigins(api, site));
      const challenge = await issueChallenge(api.keys, { siteKey, origin });
      reply.header('cache-control', 'no-store');
      return {
        siteKey,
        look: site.look,
        challenge: challenge.token,
        challengeExpiresAt: challenge.expiresAt.toISOString(),
        proofOfWork: describeWork(isUnderAttack(api, site)),
        limits: { messageLength: MAX_MESSAGE_LENGTH, frameBytes: MAX_FRAME_BYTES, fileBytes: MAX_FILE_BYTES },
      };
    },
  );
};
