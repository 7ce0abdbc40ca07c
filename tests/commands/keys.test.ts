import { randomBytes } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { Client } from 'pg';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { getTenantKeys } from '../../db/queries/getTenantKeys.ts';
import { countSealed } from '../../db/queries/keys/countSealed.ts';
import { SEALED_PAGE_ROWS } from '../../db/queries/keys/readSealedPage.ts';
import { SEALED_COLUMNS } from '../../db/queries/keys/sealedColumns.ts';
import { listChannelConnections } from '../../db/queries/listChannelConnections.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { tenantKeys } from '../../db/schema/tenantKeys.ts';
import { withTenant } from '../../db/withTenant.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { turnOf, visitorSays } from '../db/fixtures/turns.ts';
import { FakeVault } from '../support/fakeVault.ts';
import { createOwnDatabase, type OwnDatabase } from '../support/ownDatabase.ts';
import { Program } from '../support/program.ts';
import { until } from '../workflow/until.ts';

const masterKey = () => randomBytes(32).toString('base64');

/** A tenant that has said something and holds a secret. */
interface Speaking {
  tenantId: string;
  conversationId: string;
}

describe('npm run keys', () => {
  let database: OwnDatabase;
  let db: Db;
  let old: string;
  const vault = new FakeVault();

  beforeEach(async () => {
    database = await createOwnDatabase();
    db = createDb(database.appUrl, { poolSize: 5 });
    old = masterKey();
  });
  afterEach(async () => {
    await db.close();
    await database.drop();
  });
  afterAll(() => vault.stop());

  async function speaking(): Promise<Speaking> {
    const { secrets, words } = openKeys({ MASTER_KEY: old }, db);
    const tenant = await createTenant(db);
    const { tenantId } = tenant;
    const conversationId = uuidV7();
    const { recordTurn } = createRecordActivities({ db, words, hub: { publish: async () => {} } });
    const message = visitorSays('Where is my parcel?');
    await recordTurn(
      turnOf(tenant, conversationId, {
        messages: [message],
        notes: [{ id: uuidV7(), agent: { id: 'a', name: 'A' }, text: 'Waits since May', createdAt: 0 }],
        outbox: [{ key: message.id, priority: 0, effect: { kind: 'notice', text: 'Take over', silent: false } }],
      }),
    );
    const secret = await secrets.seal(tenantId, 'bot-token');
    await saveChannelConnection(db, { tenantId, id: uuidV7(), type: 'telegram', channelId: tenantId, secrets: secret });
    return { tenantId, conversationId };
  }

  const speakers = (count: number) => Promise.all(Array.from({ length: count }, speaking));

  /** What a process that starts now with this environment can read. */
  async function reads(env: Parameters<typeof openKeys>[0], ref: Speaking) {
    const { secrets, words } = openKeys(env, db);
    const { messages } = await listMessages({ db, words }, ref, { since: 0, limit: 10 });
    const [connection] = await listChannelConnections(db, ref.tenantId, 'telegram');
    const secret = connection?.secrets && (await secrets.open(ref.tenantId, connection.secrets));
    return { texts: messages.map(({ text }) => text), secret };
  }
  const all = { texts: ['Where is my parcel?'], secret: 'bot-token' };

  const start = (args: string[], env: Record<string, string>) =>
    Program.node('commands/keys.ts', { DATABASE_URL: database.appUrl, ...env }, args);
  async function keys(args: string[], env: Record<string, string>): Promise<string> {
    const program = start(args, env);
    const { code } = await program.ended;
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${program.output}`);
    return program.output;
  }

  const masterKeysOf = async (tenants: Speaking[]) => {
    const found = await Promise.all(tenants.map(({ tenantId }) => getTenantKeys(db, tenantId)));
    return found.flat().map(({ masterKeyId }) => masterKeyId);
  };
  /** As if the tenant's keys had been made yesterday. */
  const age = ({ tenantId }: Pick<Speaking, 'tenantId'>) =>
    withTenant(db, tenantId, (tx) =>
      tx.update(tenantKeys).set({ createdAt: sql`now() - interval '1 day'` }).where(eq(tenantKeys.tenantId, tenantId)),
    );

  it('moves every tenant to another master key, killed in the middle and run again, by two at once', async () => {
    const tenants = await speakers(4);
    vault.silentAfter = 2;
    const env = { KEY_PROVIDER: 'vault', VAULT_ADDR: await vault.start(), VAULT_TOKEN: vault.token, MASTER_KEY: old };
    const killed = start(['rotate-master'], env);
    await until(
      async () => (await masterKeysOf(tenants)).filter((id) => id?.startsWith('vault:')).length === 2,
      'half',
    );
    killed.kill('SIGKILL');
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
    expect((await masterKeysOf(tenants)).filter((id) => id?.startsWith('local:'))).toHaveLength(2);
    // Halfway, whoever has both reads everything.
    for (const tenant of tenants) expect(await reads({ ...env, KEY_PROVIDER: 'vault' }, tenant)).toEqual(all);

    vault.silentAfter = Number.POSITIVE_INFINITY;
    await Promise.all([keys(['rotate-master'], env), keys(['rotate-master'], env)]);

    expect(new Set(await masterKeysOf(tenants))).toEqual(new Set(['vault:transit/parley:v1']));
    const inVaultAlone = { ...env, KEY_PROVIDER: 'vault', MASTER_KEY: undefined } as const;
    for (const tenant of tenants) expect(await reads(inVaultAlone, tenant)).toEqual(all);
    expect(await keys(['rotate-master'], env)).toContain('rewrapped 0 data keys');
  });

  it('goes from one MASTER_KEY to the next, after which the one before opens nothing', async () => {
    const [tenant] = await speakers(1);
    const next = masterKey();
    await keys(['rotate-master'], { MASTER_KEY: next, MASTER_KEY_PREVIOUS: old });
    expect(tenant && (await reads({ MASTER_KEY: next }, tenant))).toEqual(all);
    await expect(tenant && reads({ MASTER_KEY: old }, tenant)).rejects.toThrow(/not among those configured/);
    expect(await keys(['status'], { MASTER_KEY: next })).toMatch(/1 tenants|2 tenants; 0 data keys under another/);
  });

  it('gives every tenant one new data key and reseals what is stored, killed in the middle and run again', async () => {
    const tenants = await speakers(3);
    await Promise.all(tenants.map(age));
    const env = { MASTER_KEY: old };
    const rotate = ['rotate-data', '--settle-seconds', '0'];
    // The last tenant's connection is locked: the command gets there, and no further.
    const last =
      tenants
        .map(({ tenantId }) => tenantId)
        .sort()
        .at(-1) ?? '';
    const holder = new Client({ connectionString: database.appUrl });
    await holder.connect();
    await holder.query(
      `BEGIN; SELECT set_config('app.tenant_id', '${last}', true); SELECT FROM channel_connections FOR UPDATE`,
    );
    const killed = start(rotate, env);
    await until(async () => {
      const done = await Promise.all(tenants.map(({ tenantId }) => countSealed(db, tenantId)));
      return done.filter((counts) => !counts.has(1)).length === 2;
    }, 'two tenants');
    killed.kill('SIGKILL');
    await killed.ended;
    await holder.end();
    expect((await countSealed(db, last)).get(1)).toBe(4);
    for (const tenant of tenants) expect(await reads(env, tenant)).toEqual(all);

    await Promise.all([keys(rotate, env), keys(rotate, env)]);

    for (const tenant of tenants) {
      expect((await getTenantKeys(db, tenant.tenantId)).map(({ version }) => version)).toEqual([1, 2]);
      expect(await countSealed(db, tenant.tenantId)).toEqual(new Map([[2, 4]]));
      expect(await reads(env, tenant)).toEqual(all);
    }
  });

  it('reseals the secret of people’s sessions, which is the installation’s own', async () => {
    const { secrets } = openKeys({ MASTER_KEY: old }, db);
    await db.pool.query('INSERT INTO people.secret (sealed) VALUES ($1)', [
      await secrets.seal(DEFAULT_TENANT_ID, 'cookies'),
    ]);
    await age({ tenantId: DEFAULT_TENANT_ID });
    await keys(['rotate-data', '--settle-seconds', '0'], { MASTER_KEY: old });
    const { rows } = await db.pool.query<{ sealed: Buffer }>('SELECT sealed FROM people.secret');
    expect(rows[0]?.sealed[0]).toBe(2);
    expect(rows[0] && (await openKeys({ MASTER_KEY: old }, db).secrets.open(DEFAULT_TENANT_ID, rows[0].sealed))).toBe(
      'cookies',
    );
  });

  it('seals what was stored in clear before, and leaves what does not open as it is, with a word of it', async () => {
    const [one, two] = await speakers(2);
    if (!one || !two) throw new Error('Two were made');
    const change = (ref: Speaking, value: string) =>
      withTenant(db, ref.tenantId, (tx) => tx.execute(sql.raw(`UPDATE messages SET content = ${value}`)));
    await change(one, `'\\x00'::bytea || convert_to('{"text":"From before"}', 'UTF8')`);
    await change(two, `set_byte(content, 30, get_byte(content, 30) # 1)`);
    expect((await reads({ MASTER_KEY: old }, one)).texts).toEqual(['From before']);

    const program = start(['reseal'], { MASTER_KEY: old });
    await program.ended;
    expect((await countSealed(db, one.tenantId)).has(0)).toBe(false);
    expect((await reads({ MASTER_KEY: old }, one)).texts).toEqual(['From before']);

    await age(two);
    const rotation = start(['rotate-data', '--tenant', two.tenantId, '--settle-seconds', '0'], { MASTER_KEY: old });
    expect(await rotation.ended).toMatchObject({ code: 1 });
    expect(rotation.output).toContain(`tenant ${two.tenantId}: 1 values open with none of its keys`);
    expect(await countSealed(db, two.tenantId)).toEqual(
      new Map([
        [1, 1],
        [2, 3],
      ]),
    );
  });

  it('counts however many there are, with no statement that grows with the tenant', async () => {
    const [tenant] = await speakers(1);
    if (!tenant) throw new Error('One was made');
    const { tenantId, conversationId } = tenant;
    await withTenant(db, tenantId, (tx) =>
      tx.execute(sql`INSERT INTO messages (tenant_id, conversation_id, id, seq, direction, author_kind, content, created_at)
        SELECT ${tenantId}, ${conversationId}, gen_random_uuid(), n, 'INBOUND', 'visitor', '\\x00'::bytea || 'x', now()
        FROM generate_series(2, 1203) n`),
    );
    const single = createDb(database.appUrl, { poolSize: 1 });
    const client = await single.pool.connect();
    const asked = vi.spyOn(client, 'query');
    client.release();
    expect(await countSealed(single, tenantId)).toEqual(
      new Map([
        [0, 1_202],
        [1, 4],
      ]),
    );
    const statements = asked.mock.calls
      .map(([statement]) => String(statement))
      .filter((text) => text.includes('get_byte'));
    expect(statements.every((text) => text.includes(`LIMIT ${SEALED_PAGE_ROWS}`))).toBe(true);
    // Three pages of what was said, and three of what it was edited to.
    expect(statements.filter((text) => text.includes('FROM messages'))).toHaveLength(6);
    await single.close();
  });

  it('knows every sealed column: a new one is in the list, or it is a hash', async () => {
    const hashes = ['api_keys.secret_hash', 'channel_connections.webhook_secret_hash', 'invitations.token_hash'];
    const { rows } = await db.pool.query<{ name: string }>(
      `SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname || '.' || a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('public', 'people') AND c.relkind = 'r' AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped`,
    );
    const listed = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
    expect(rows.map(({ name }) => name).sort()).toEqual([...hashes, 'tenant_keys.wrapped', ...listed].sort());
  });

  it('explains itself, and names a missing master key in one line', async () => {
    const lost = start(['turn-it'], { MASTER_KEY: old });
    expect(await lost.ended).toMatchObject({ code: 2 });
    expect(lost.output).toContain('rotate-master');
    const without = start(['status'], {});
    expect(await without.ended).toMatchObject({ code: 1 });
    expect(without.output).toContain('MASTER_KEY: is needed where KEY_PROVIDER is env');
  });
});
