import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import { hashWebhookSecret } from '../../channels/telegram/webhookAddress.ts';
import { CodedError } from '../../contracts/errors.ts';
import type { Limits } from '../limits/createLimits.ts';
import type { TelegramIntake } from './intake.ts';

export interface TelegramRoutesOptions {
  /** Whose webhook has a path secret with this SHA-256. */
  findChannel(secretHash: Buffer): Promise<{ tenantId: string; connectionId: string } | undefined>;
  telegram: TelegramDirectory;
  limits: Pick<Limits, 'consume'>;
  intake: TelegramIntake;
}

/** An update is a few kilobytes; this is the longest that is read. */
const MAX_UPDATE_BYTES = 1024 * 1024;

const paramsSchema = z.object({ secret: z.string().max(256) });
const answerSchema = z.object({ ok: z.literal(true) });

/**
 * POST /v1/telegram/webhook/:secret. Telegram repeats an update until it gets a 2xx, so that is answered when the update is
 * durable or can never be used (broken JSON), and an error when it should come again.
 */
export const telegramRoutes: FastifyPluginAsync<TelegramRoutesOptions> = async (
  app,
  { findChannel, telegram, limits, intake },
) => {
  // Read as text: who calls is checked first, and broken JSON is answered like an update.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_UPDATE_BYTES }, (_request, body, done) => {
    done(null, body);
  });

  app.route<{ Params: z.infer<typeof paramsSchema> }>({
    method: 'POST',
    url: '/v1/telegram/webhook/:secret',
    config: { access: 'public', limit: 'ip.webhook' },
    bodyLimit: MAX_UPDATE_BYTES,
    // The path is a secret: it must not be logged with every request.
    logLevel: 'warn',
    schema: { hide: true, params: paramsSchema, response: { 200: answerSchema } },
    async handler(request) {
      const tenantId = await authenticate(request.params.secret, request.headers['x-telegram-bot-api-secret-token']);
      await limits.consume('tenant.webhook', tenantId);
      const update = parseJson(request.body);
      if (update !== undefined) await intake(tenantId, update);
      return { ok: true as const };
    },
  });

  async function authenticate(secret: string, header: string | string[] | undefined): Promise<string> {
    const channel = await findChannel(hashWebhookSecret(secret));
    const connections = channel ? await telegram.connectionsOf(channel.tenantId) : [];
    const connection = connections.find(({ id }) => id === channel?.connectionId);
    if (!channel || !connection) throw new CodedError('not_found', 'There is nothing here.');
    const { headerSecret } = connection;
    if (headerSecret !== undefined && !(typeof header === 'string' && sameSecret(header, headerSecret))) {
      throw new CodedError('unauthenticated', 'The secret token is missing or wrong.');
    }
    return channel.tenantId;
  }
};

function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return undefined;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Hashes are compared, so that neither length nor content show in the time it takes. */
function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}
