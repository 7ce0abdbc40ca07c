import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

// Any number that no other program locks in this database.
const MIGRATION_LOCK = 7_270_539_001;

/**
 * Brings the database to this version's schema; does nothing when it is there already. All of it is one transaction, and
 * of several processes that start at once one migrates while the others wait. `ownerUrl` logs in as the owner of the tables.
 */
export async function migrate(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'parley-migrate' });
  // A connection that breaks rejects the query under way; without a listener it would end the process as well.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await applyMigrations(drizzle(client), { migrationsFolder: MIGRATIONS });
  } finally {
    await client.end();
  }
}
