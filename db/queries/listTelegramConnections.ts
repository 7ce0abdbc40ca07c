import type { Environment } from '../../contracts/tenantSettings.ts';
import type { Db } from '../createDb.ts';
import { type ChannelConnection, listChannelConnections } from './listChannelConnections.ts';
import { getTenantProfile } from './settings/getTenantProfile.ts';

/** The Telegram connections that serve the tenant: none while it has Telegram switched off. */
export async function listTelegramConnections(
  db: Db,
  tenantId: string,
  environment: Environment,
): Promise<ChannelConnection[]> {
  const profile = await getTenantProfile(db, tenantId, environment);
  return profile?.flags.telegram ? listChannelConnections(db, tenantId, 'telegram') : [];
}
