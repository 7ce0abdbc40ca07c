import { Client } from 'pg';
import { isReadable } from './isReadable.ts';

/** Every value of every column of every table, of all tenants: by `schema.table.column`. */
export type Everything = ReadonlyMap<string, Buffer>;

/**
 * Reads a whole database as its owner. Row level security binds the owner as well, so it is taken off within a transaction that
 * is rolled back: nobody else may use this database meanwhile.
 */
export async function readEverything(ownerUrl: string): Promise<Everything> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    );
    const found = new Map<string, Buffer>();
    for (const { name } of tables) {
      await client.query(`ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY`);
      const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
      for (const row of rows) {
        for (const [column, value] of Object.entries(row)) {
          const key = `${name}.${column}`;
          found.set(key, Buffer.concat([found.get(key) ?? Buffer.alloc(0), bytesOf(value), Buffer.from('\n')]));
        }
      }
    }
    return found;
  } finally {
    await client.query('ROLLBACK').catch(() => {});
    await client.end();
  }
}

/** Where in it the words can be read. */
export function placesOf(everything: Everything, words: string): string[] {
  return [...everything].flatMap(([place, bytes]) => (isReadable(bytes, words) ? [place] : []));
}

function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}
