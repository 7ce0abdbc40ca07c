import { Client } from 'pg';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDb, type Db } from '../../db/createDb.ts';
import { recordTurn } from '../../db/queries/recordTurn.ts';
import { sealTurn } from '../../db/queries/sealTurn.ts';
import { createOwnDatabase, type OwnDatabase } from '../support/ownDatabase.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { botSays, turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

/** Postgres keeps a plan that is good for any values after five that were good for one. */
const UNTIL_PLAN_IS_KEPT = 10;

const READ = `SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_user_tables WHERE relname = 'messages'`;

describe('a turn of a long conversation', () => {
  const conversationId = uuidV7();
  let database: OwnDatabase;
  let owner: Client;
  let db: Db;
  let tenant: TestTenant;

  beforeAll(async () => {
    database = await createOwnDatabase();
    owner = new Client({ connectionString: database.ownerUrl });
    await owner.connect();
    // As new as an installation can be: nobody has told the planner anything of the table yet.
    await owner.query('ALTER TABLE messages SET (autovacuum_enabled = false)');
    db = createDb(database.appUrl, { poolSize: 1 });
    tenant = await createTenant(db);
  });
  afterAll(async () => {
    await db.close();
    await owner.end();
    await database.drop();
  });

  let turns = 0;
  async function record(messages: ReturnType<typeof visitorSays>[]): Promise<void> {
    turns += 1;
    const turn = turnOf(tenant, conversationId, { messages, conversation: { turn: turns } });
    await recordTurn(db, await sealTurn(wordsOf(db), turn, new Map()));
  }

  /** Rows of the table that were read until now, as the server counts them. */
  async function rowsRead(): Promise<number> {
    await db.pool.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await owner.query<{ read: string }>(READ);
    return Number(rows[0]?.read);
  }

  it('reads none of what was said before, and of a repeat its own messages', async () => {
    await record(Array.from({ length: 300 }, () => botSays('said before')));
    for (let turn = 0; turn < UNTIL_PLAN_IS_KEPT; turn += 1) await record([visitorSays('and'), botSays('so')]);
    const before = await rowsRead();
    const said = [visitorSays('now'), botSays('then')];
    await record(said);
    const afterNew = await rowsRead();
    await record(said);
    const afterRepeat = await rowsRead();
    expect(afterNew - before).toBe(0);
    // By its id and by the client's.
    expect(afterRepeat - afterNew).toBe(3);
  });
});
