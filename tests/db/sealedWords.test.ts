import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import { readDelivery } from '../../db/queries/outbox/readDelivery.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createDatabase, type OwnDatabase } from '../support/ownDatabase.ts';
import { CHECKOUT } from '../support/program.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

const SEALED_WORDS = '0011_sealed_words';

let database: OwnDatabase;
let folder: string;

beforeAll(async () => {
  database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'parley-migrations-'));
});
afterAll(async () => {
  await database?.drop();
  if (folder) await rm(folder, { recursive: true });
});

/** The migrations up to the one that seals words, without it. */
async function earlierMigrations(): Promise<string> {
  await cp(join(CHECKOUT, 'db', 'migrations'), folder, { recursive: true });
  const file = join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(await readFile(file, 'utf8')) as { entries: { tag: string }[] };
  const end = journal.entries.findIndex(({ tag }) => tag === SEALED_WORDS);
  await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, end) }));
  return folder;
}

it('keeps what was said before words were sealed', async () => {
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await applyMigrations(drizzle(owner), { migrationsFolder: await earlierMigrations() });
  const [siteId, conversationId, messageId] = [uuidV7(), uuidV7(), uuidV7()];
  const ref = { tenantId: DEFAULT_TENANT_ID, conversationId };
  await owner.query(`
    SELECT set_config('app.tenant_id', '${DEFAULT_TENANT_ID}', false);
    INSERT INTO sites (tenant_id, id, key, name, allowed_origins)
      VALUES ('${DEFAULT_TENANT_ID}', '${siteId}', 'old', 'Old', '{}');
    INSERT INTO conversations (tenant_id, id, site_id, channel, status, owner, source, turn, last_seq)
      VALUES ('${DEFAULT_TENANT_ID}', '${conversationId}', '${siteId}', 'web', 'new', 'flow', '{}', 1, 1);
    INSERT INTO messages (tenant_id, conversation_id, id, seq, direction, author_kind, text, choices, created_at)
      VALUES ('${DEFAULT_TENANT_ID}', '${conversationId}', '${messageId}', 1, 'OUTBOUND', 'bot', E'Tee? \\\\ "Ärger" 😀',
        '[{"id": "yes", "label": "Ja"}]', now());
    INSERT INTO outbox (tenant_id, key, conversation_id, priority, kind, message_id, text) VALUES
      ('${DEFAULT_TENANT_ID}', 'a', '${conversationId}', 0, 'message', '${messageId}', NULL),
      ('${DEFAULT_TENANT_ID}', 'b', '${conversationId}', 0, 'notice', NULL, 'Bitte übernehmen');`);
  await owner.end();

  await migrate(database.ownerUrl);

  const db = createDb(database.appUrl, { poolSize: 1 });
  const words = wordsOf(db);
  const { messages } = await listMessages({ db, words }, ref, { since: 0, limit: 10 });
  expect(messages).toMatchObject([{ text: 'Tee? \\ "Ärger" 😀', choices: [{ id: 'yes', label: 'Ja' }] }]);
  await words.ready(DEFAULT_TENANT_ID);
  const delivery = await withTenant(db, DEFAULT_TENANT_ID, (tx) => readDelivery(tx, words, ref));
  expect(delivery?.rows).toMatchObject([
    { text: null, message: { text: messages[0]?.text } },
    { text: 'Bitte übernehmen' },
  ]);
  await db.close();
});
