import type { Diagnosis } from '../../contracts/diagnosis.ts';
import type { ChannelConnection } from '../../db/queries/listChannelConnections.ts';
import { getTenantProfile } from '../../db/queries/settings/getTenantProfile.ts';
import type { ApiContext } from '../context.ts';
import { diagnoseTelegram } from './diagnoseTelegram.ts';

/** What is wrong with a connection. Providers of other channels than Telegram are not asked: there is nothing to say of those. */
export async function diagnoseChannel(api: ApiContext, connection: ChannelConnection): Promise<Diagnosis> {
  if (connection.type !== 'telegram') {
    const checkedAt = new Date().toISOString();
    return { checkedAt, ready: connection.status === 'active', updates: null, group: null, bots: [], problems: [] };
  }
  const profile = await getTenantProfile(api.db, connection.tenantId, api.settings.environment);
  return diagnoseTelegram(api.telegramSetup, connection, { switchedOn: profile?.flags.telegram === true });
}
