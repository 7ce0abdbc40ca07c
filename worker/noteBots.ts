import type { BaseLogger } from 'pino';
import { botIdOf, telegramSecretsSchema } from '../channels/telegram/secrets.ts';
import { CodedError } from '../contracts/errors.ts';
import type { Db } from '../db/createDb.ts';
import { fillBotIds } from '../db/queries/channels/fillBotIds.ts';
import { type ChannelConnection, listChannelConnections } from '../db/queries/listChannelConnections.ts';
import { listTelegramTenants } from '../db/queries/listTelegramTenants.ts';
import type { SecretBox } from '../encryption/secretBox.ts';

interface Dependencies {
  db: Db;
  secrets: Pick<SecretBox, 'open'>;
  logger: Pick<BaseLogger, 'warn' | 'error'>;
}

/**
 * Notes whose the bots are of connections that are older than these notes: their tokens are sealed, so no migration could. A
 * bot that another tenant has is an error in the log, `bot_taken`: one of the two hears nothing. Never rejects; what could not
 * be read now is read at the next start.
 */
export async function noteBots({ db, secrets, logger }: Dependencies, signal: AbortSignal): Promise<void> {
  async function note(connection: ChannelConnection): Promise<void> {
    const { tenantId, id, botIds, secrets: sealed } = connection;
    if (botIds.length > 0 || !sealed) return;
    const { botTokens } = telegramSecretsSchema.parse(JSON.parse(await secrets.open(tenantId, sealed)));
    const bots = botTokens.map(botIdOf);
    await fillBotIds(db, connection, bots).catch((error: unknown) => {
      if (!(error instanceof CodedError && error.code === 'bot_taken')) throw error;
      const fields = { code: error.code, tenant_id: tenantId, connection_id: id, bot_ids: bots };
      logger.error(fields, 'another tenant uses a bot of this connection: give each a bot of its own');
    });
  }

  async function noteAll(tenantId: string): Promise<void> {
    for (const connection of await listChannelConnections(db, tenantId, 'telegram')) await note(connection);
  }

  try {
    for (const tenantId of await listTelegramTenants(db)) {
      if (signal.aborted) return;
      await noteAll(tenantId).catch((error: unknown) => {
        if (signal.aborted) return;
        logger.warn({ tenant_id: tenantId, reason: reasonOf(error) }, 'whose bots these are could not be noted');
      });
    }
  } catch (error) {
    if (!signal.aborted) logger.warn({ reason: reasonOf(error) }, 'whose bots there are could not be noted');
  }
}

/** A name alone: the message of what cannot be read may quote it. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
