import type { ChannelPatch, TelegramChannelInput } from '../../contracts/channel.ts';
import { CodedError } from '../../contracts/errors.ts';
import type { By } from '../../db/queries/audit/insertAudit.ts';
import type { ChannelFields } from '../../db/queries/channels/channelView.ts';
import { createChannel } from '../../db/queries/channels/createChannel.ts';
import { findChannel } from '../../db/queries/channels/findChannel.ts';
import { updateChannel } from '../../db/queries/channels/updateChannel.ts';
import type { ChannelConnection } from '../../db/queries/listChannelConnections.ts';
import type { ApiContext } from '../context.ts';
import { channelFields } from '../routes/channelFields.ts';
import { verifyTelegram } from './verifyTelegram.ts';

const type = 'telegram';

/**
 * Connects a group with its bots, or gives a group that the tenant has connected other bots: open conversations go on with
 * them. Throws what `verifyTelegram` throws, `bot_taken` and `group_taken`.
 */
export async function connectTelegram(
  api: ApiContext,
  tenantId: string,
  { groupId, botTokens, ...given }: TelegramChannelInput,
  by: By,
): Promise<{ connection: ChannelConnection; created: boolean }> {
  const { telegramSetup: setup } = api;
  await verifyTelegram(
    botTokens.map((token) => setup.botOf(token)),
    groupId,
  );
  const patch: ChannelPatch = setup.completed({
    status: 'active',
    secrets: { botTokens, ...(given.headerSecret && { headerSecret: given.headerSecret }) },
    ...(given.webhookSecret && { webhookSecret: given.webhookSecret }),
  });
  const before = await findChannel(api.db, tenantId, { type, channelId: groupId });
  const fields = await channelFields(api, { tenantId, type }, patch);
  const after = before
    ? await updateChannel(api.db, { tenantId, connectionId: before.id }, fields, by)
    : await createChannel(api.db, { ...NEW, ...fields, tenantId, type, channelId: groupId }, by);
  if (!after) throw new CodedError('conflict', 'The connection was removed meanwhile.');
  await setup.follow({ before, after, webhookSecret: patch.webhookSecret });
  return { connection: after, created: before === undefined };
}

const NEW: ChannelFields = { status: 'active', settings: {}, secrets: null, botIds: [], webhookSecretHash: null };
