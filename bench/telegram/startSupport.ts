import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { siteInputSchema } from '../../contracts/siteAdmin.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { createSite } from '../../db/queries/sites/createSite.ts';
import { createTenant } from '../../db/queries/tenants/createTenant.ts';
import { flows } from '../../db/schema/flows.ts';
import { flowVersions } from '../../db/schema/flowVersions.ts';
import { withTenant } from '../../db/withTenant.ts';
import { startTelegramEmulator, type TelegramEmulator } from '../../dev/telegram/startTelegramEmulator.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { BENCH_FLOW } from '../parley/flow.ts';
import { startParley } from '../parley/startParley.ts';
import type { BenchServers } from '../startServers.ts';

/** A tenant with a site, and a group that its bots serve. */
export interface Desk {
  siteKey: string;
  groupId: number;
  bots: number;
}

export interface Support {
  apiUrl: string;
  telegram: TelegramEmulator;
  /** A new tenant with a group of its own. */
  addDesk(bots: number): Promise<Desk>;
  close(): Promise<void>;
}

const BY = { actor: { kind: 'system', id: null } } as const;

/** Parley as it is deployed, and a Telegram with its real limits on the real clock. */
export async function startSupport(servers: BenchServers, folder: string): Promise<Support> {
  const telegram = await startTelegramEmulator({ limits: 'real' });
  const masterKey = randomBytes(32).toString('base64');
  const parley = await startParley({
    servers,
    conversations: 0,
    folder,
    execArgv: [],
    env: { MASTER_KEY: masterKey, TELEGRAM_API_ROOT: telegram.url },
  });
  const db = createDb(servers.appUrl, { poolSize: 1 });
  const { secrets } = openKeys({ MASTER_KEY: masterKey }, db);
  let desks = 0;

  /** The group with its bots, at Telegram; returns their tokens. */
  async function addGroup(groupId: number, number: number, bots: number): Promise<string[]> {
    await telegram.addGroup({ groupId, title: `Support ${number}` });
    const tokens = Array.from({ length: bots }, (_, bot) => `${4_000 + 10 * number + bot}:${'A'.repeat(35)}`);
    for (const token of tokens) {
      const { botId } = await telegram.addBot({ token });
      await telegram.addMember({ groupId, userId: botId });
    }
    return tokens;
  }

  return {
    apiUrl: parley.apiUrl,
    telegram,
    async addDesk(bots) {
      desks += 1;
      const groupId = -1_001_000_000_000 - desks;
      const botTokens = await addGroup(groupId, desks, bots);
      const siteKey = `desk-${desks}`;
      const { id: tenantId } = await createTenant(db, { slug: siteKey, name: siteKey }, BY);
      const flowId = await publishFlow(db, tenantId);
      const { identitySecret: _, ...site } = siteInputSchema.parse({ name: siteKey, allowedOrigins: [], flowId });
      await createSite(db, { ...site, identitySecret: null, tenantId, key: siteKey }, BY);
      await saveChannelConnection(db, {
        tenantId,
        id: uuidv7(),
        type: 'telegram',
        channelId: String(groupId),
        secrets: await secrets.seal(tenantId, JSON.stringify({ botTokens })),
      });
      return { siteKey, groupId, bots };
    },
    async close() {
      await parley.close();
      await db.close();
      await telegram.stop();
    },
  };
}

/** The bot answers every message, and what it says is in the topic as well. */
async function publishFlow(db: Db, tenantId: string): Promise<string> {
  const id = uuidv7();
  await withTenant(db, tenantId, async (tx) => {
    await tx.insert(flows).values({ tenantId, id, name: BENCH_FLOW.name });
    const version = { version: 1, definition: BENCH_FLOW, publishedAt: new Date() };
    await tx.insert(flowVersions).values({ tenantId, flowId: id, ...version });
  });
  return id;
}
