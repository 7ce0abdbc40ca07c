import { randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { getChannel } from '../../db/queries/channels/getChannel.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { noteBots } from '../../worker/noteBots.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { TEST_MASTER_KEY } from '../db/fixtures/wordsOf.ts';

let db: Db;
let logs: { level: string; fields: Record<string, unknown> }[];

beforeAll(async () => {
  await migrate(inject('servers').ownerUrl);
  db = createDb(inject('servers').appUrl, { poolSize: 2 });
});
beforeEach(() => {
  logs = [];
});
afterAll(() => db.close());

const newBot = () => String(randomInt(1_000_000, 1_000_000_000));

/** A connection as it was stored before anybody noted whose its bots are. */
async function oldConnection(bots: string[], botIds: string[] = []) {
  const { tenantId } = await createTenant(db);
  const { secrets } = openKeys({ MASTER_KEY: TEST_MASTER_KEY }, db);
  const botTokens = bots.map((id) => `${id}:token`);
  return saveChannelConnection(db, {
    ...{ tenantId, id: uuidv7(), type: 'telegram', channelId: `-100${newBot()}`, botIds },
    secrets: await secrets.seal(tenantId, JSON.stringify({ botTokens })),
  });
}
type Connection = Awaited<ReturnType<typeof oldConnection>>;

const start = () => {
  const logTo = (level: string) => (fields: Record<string, unknown>) => void logs.push({ level, fields });
  const { secrets } = openKeys({ MASTER_KEY: TEST_MASTER_KEY }, db);
  return noteBots(
    { db, secrets, logger: { warn: logTo('warn'), error: logTo('error') } },
    new AbortController().signal,
  );
};
/** What was logged of the connection; other tests have tenants in the same database. */
const logged = ({ tenantId }: Connection) => logs.filter(({ fields }) => fields['tenant_id'] === tenantId);
const botsOf = async ({ tenantId, id }: Connection) => (await getChannel(db, tenantId, id))?.botIds;

it('notes the bots of older connections, so that no other tenant takes them', async () => {
  const [first, second] = [newBot(), newBot()];
  const connection = await oldConnection([first, second]);
  await start();
  expect(await botsOf(connection)).toEqual([first, second]);
  expect(logged(connection)).toEqual([]);
  await expect(oldConnection([first], [first])).rejects.toMatchObject({ code: 'bot_taken' });
});

it('tells of a bot that another tenant has, by a code, and goes on with the others', async () => {
  const bot = newBot();
  const holder = await oldConnection([bot], [bot]);
  const late = await oldConnection([bot]);
  const last = await oldConnection([newBot()]);
  await start();
  expect(logged(late)).toEqual([
    { level: 'error', fields: { code: 'bot_taken', tenant_id: late.tenantId, connection_id: late.id, bot_ids: [bot] } },
  ]);
  expect([await botsOf(holder), await botsOf(late)]).toEqual([[bot], []]);
  expect(await botsOf(last)).toHaveLength(1);
});

it('waits for the next start with what it cannot open, and goes on with the others', async () => {
  const { tenantId } = await createTenant(db);
  const strange = { tenantId, id: uuidv7(), type: 'telegram', channelId: `-100${newBot()}` } as const;
  const closed = await saveChannelConnection(db, { ...strange, secrets: Buffer.from('sealed by nobody') });
  const last = await oldConnection([newBot()]);
  await start();
  expect(logged(closed)).toMatchObject([{ level: 'warn' }]);
  expect(JSON.stringify(logged(closed))).not.toContain('token');
  expect(await botsOf(last)).toHaveLength(1);
});
