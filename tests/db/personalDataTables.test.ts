import { getTableName } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { TABLES_OF_A_CONVERSATION } from '../../db/queries/erasures/eraseRows.ts';
import { EXPORTED_TABLES } from '../../db/queries/export/exportedTables.ts';

/** Tables of a tenant that no export holds. Whoever adds one here says why. */
const NOT_EXPORTED = [
  // The tenant's data keys, wrapped: with them anybody who has the master key reads what was exported sealed.
  'tenant_keys',
];

/** Tables that name conversations and outlive their erasure. Whoever adds one here says why. */
const NOT_ERASED = [
  // The receipts: ids and counts.
  'erased_conversations',
];

let db: Db;
beforeAll(async () => {
  await migrate(inject('servers').ownerUrl);
  db = createDb(inject('servers').appUrl, { poolSize: 1 });
});
afterAll(() => db.close());

async function tablesWith(column: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND a.attname = $1 AND NOT a.attisdropped ORDER BY 1`,
    [column],
  );
  return rows.map(({ name }) => name);
}

test('every table of a tenant is in its export, or in the list of those that are not', async () => {
  const exported = EXPORTED_TABLES.map(({ table }) => getTableConfig(table).name);
  expect([...exported, ...NOT_EXPORTED].sort()).toEqual([...(await tablesWith('tenant_id')), 'tenants'].sort());
});

test("every table with a conversation's id is erased and exported with its visitor, or in the list of those that are not", async () => {
  const named = await tablesWith('conversation_id');
  const erased = TABLES_OF_A_CONVERSATION.map((table) => getTableName(table));
  expect([...erased, ...NOT_ERASED].sort()).toEqual(named);
  const exported = EXPORTED_TABLES.filter(({ conversation }) => conversation === 'conversation_id');
  expect([...exported.map(({ table }) => getTableConfig(table).name), ...NOT_ERASED].sort()).toEqual(named);
});
