import type { Db } from '../createDb.ts';
import { toDatabaseError } from '../databaseError.ts';

/** Ids of the tenants that have an active Telegram connection. */
export async function listTelegramTenants(db: Db): Promise<string[]> {
  try {
    const { rows } = await db.pool.query<{ tenant_id: string }>(
      'SELECT DISTINCT tenant_id FROM list_telegram_connections()',
    );
    return rows.map(({ tenant_id }) => tenant_id);
  } catch (error) {
    throw toDatabaseError(error, false);
  }
}
