import type { Db } from '../createDb.ts';
import { lookUpAll } from '../lookUp.ts';

/** Ids of the tenants that have an active Telegram connection. */
export async function listTelegramTenants(db: Db): Promise<string[]> {
  const rows = await lookUpAll<{ tenant_id: string }>(db, {
    name: 'list_telegram_tenants',
    text: 'SELECT DISTINCT tenant_id FROM list_telegram_connections()',
  });
  return rows.map(({ tenant_id }) => tenant_id);
}
