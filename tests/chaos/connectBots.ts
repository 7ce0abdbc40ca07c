import { v7 as uuidv7 } from 'uuid';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb } from '../../db/createDb.ts';
import { getTenantKeys } from '../../db/queries/getTenantKeys.ts';
import { insertTenantKey } from '../../db/queries/insertTenantKey.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { createSecretBox, createTenantKeys } from '../../encryption/tenantKeys.ts';
import { GROUP_ID } from './scenario.ts';

/** Gives the default tenant its group, served by several bots. `masterKey` is base64 of 32 bytes. */
export async function connectBots(databaseUrl: string, masterKey: string, botTokens: readonly string[]): Promise<void> {
  const db = createDb(databaseUrl, { poolSize: 1 });
  const keys = createTenantKeys(
    { list: (tenantId) => getTenantKeys(db, tenantId), insert: (tenantId, key) => insertTenantKey(db, tenantId, key) },
    Buffer.from(masterKey, 'base64'),
  );
  try {
    await saveChannelConnection(db, {
      tenantId: DEFAULT_TENANT_ID,
      id: uuidv7(),
      type: 'telegram',
      channelId: String(GROUP_ID),
      secrets: await createSecretBox(keys).seal(DEFAULT_TENANT_ID, JSON.stringify({ botTokens })),
    });
  } finally {
    await db.close();
  }
}
