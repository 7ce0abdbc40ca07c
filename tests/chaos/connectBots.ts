import { v7 as uuidv7 } from 'uuid';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb } from '../../db/createDb.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { GROUP_ID } from './scenario.ts';

/** Gives the default tenant its group, served by several bots. `masterKey` is base64 of 32 bytes. */
export async function connectBots(databaseUrl: string, masterKey: string, botTokens: readonly string[]): Promise<void> {
  const db = createDb(databaseUrl, { poolSize: 1 });
  const { secrets } = openKeys({ MASTER_KEY: masterKey }, db);
  try {
    await saveChannelConnection(db, {
      tenantId: DEFAULT_TENANT_ID,
      id: uuidv7(),
      type: 'telegram',
      channelId: String(GROUP_ID),
      secrets: await secrets.seal(DEFAULT_TENANT_ID, JSON.stringify({ botTokens })),
    });
  } finally {
    await db.close();
  }
}
