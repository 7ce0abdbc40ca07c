import { Client } from 'pg';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { listAgents } from '../../db/queries/agents/listAgents.ts';
import { listApiKeys } from '../../db/queries/apiKeys/listApiKeys.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { listChannels } from '../../db/queries/channels/listChannels.ts';
import { listErasures } from '../../db/queries/erasures/listErasures.ts';
import { resolveBulk, resolveVisitor } from '../../db/queries/erasures/resolveVisitor.ts';
import { listInvitations } from '../../db/queries/invitations/listInvitations.ts';
import { listLedger } from '../../db/queries/ledger/listLedger.ts';
import { listPortalConversations } from '../../db/queries/portal/listPortalConversations.ts';
import { deleteTelemetry } from '../../db/queries/retention/deleteTelemetry.ts';
import { deleteWebhookRecords } from '../../db/queries/retention/deleteWebhookRecords.ts';
import { forgetAddresses } from '../../db/queries/retention/forgetAddresses.ts';
import { findVerifiedSession } from '../../db/queries/sessions/findVerifiedSession.ts';
import { listSites } from '../../db/queries/sites/listSites.ts';
import { listWebhookAttempts } from '../../db/queries/webhooks/listWebhookAttempts.ts';
import { listWebhooks } from '../../db/queries/webhooks/listWebhooks.ts';
import { nextDue } from '../../db/queries/webhooks/nextDue.ts';
import { withTenant } from '../../db/withTenant.ts';
import { insertRowOfEach } from './fixtures/rowOfEach.ts';

interface Statement {
  text: string;
  values: unknown[];
}

interface Plan {
  'Node Type': string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: Plan[];
}

/** Enough that a wrong index costs more than the right one. */
const MANY_SESSIONS = `INSERT INTO sessions (tenant_id, conversation_id, site_id, external_session_id, verified_user_id)
  SELECT tenant_id, gen_random_uuid(), id, 'e' || i, 'v' || i FROM sites, generate_series(1, 500) AS i`;

const EARLIER = new Date(Date.UTC(2026, 0, 1));
const page = { limit: 50 };

/** What reads or deletes by parts, the index that gives each part at once, and a column beyond the tenant that it is asked for. */
const READS: { index: string; by?: string; ask: (db: Db, tenantId: string) => Promise<unknown> }[] = [
  { index: 'audit_log_tenant_id_id_pk', by: 'id', ask: (db, t) => listAudit(db, t, { ...page, before: uuidV7() }) },
  { index: 'audit_log_tenant_id_id_pk', ask: (db, t) => listAudit(db, t, page) },
  { index: 'sites_tenant_id_id_pk', by: 'id', ask: (db, t) => listSites(db, t, { ...page, after: uuidV7() }) },
  {
    index: 'channel_connections_tenant_id_id_pk',
    by: 'id',
    ask: (db, t) => listChannels(db, t, { ...page, after: uuidV7() }),
  },
  { index: 'api_keys_tenant_id_id_pk', by: 'id', ask: (db, t) => listApiKeys(db, t, { ...page, before: uuidV7() }) },
  { index: 'ai_agents_tenant_id_id_pk', by: 'id', ask: (db, t) => listAgents(db, t, { ...page, after: uuidV7() }) },
  {
    index: 'invitations_tenant_id_id_pk',
    by: 'id',
    ask: (db, t) => listInvitations(db, t, { ...page, after: uuidV7() }),
  },
  { index: 'erasures_tenant_id_id_pk', by: 'id', ask: (db, t) => listErasures(db, t, { ...page, before: uuidV7() }) },
  { index: 'outbox_ordinal_idx', by: 'ordinal', ask: (db, t) => listLedger({ db }, t, { ...page, cursor: 7 }) },
  { index: 'outbox_state_idx', by: 'state', ask: (db, t) => listLedger({ db }, t, { ...page, state: 'parked' }) },
  {
    index: 'portal_conversations_newest_idx',
    by: 'conversation_id',
    ask: (db, tenantId) => listPortalConversations(db, { tenantId, ...page, before: uuidV7() }),
  },
  {
    index: 'portal_conversations_user_idx',
    by: 'user_id',
    ask: (db, tenantId) => listPortalConversations(db, { tenantId, ...page, userId: 'x' }),
  },
  {
    index: 'sessions_verified_key',
    by: 'site_id',
    ask: (db, tenantId) => findVerifiedSession(db, { tenantId, siteId: uuidV7(), verifiedUserId: 'x' }),
  },
  {
    index: 'sessions_verified_key',
    by: 'verified_user_id',
    ask: (db, t) => withTenant(db, t, (tx) => resolveVisitor(tx, t, { verifiedUserId: 'x' })),
  },
  {
    index: 'sessions_external_key',
    by: 'external_session_id',
    ask: (db, t) => withTenant(db, t, (tx) => resolveVisitor(tx, t, { externalSessionId: 'x' })),
  },
  {
    index: 'conversations_closed_idx',
    by: 'closed_at',
    ask: (db, t) => withTenant(db, t, (tx) => resolveBulk(tx, t, { closedBefore: EARLIER.toISOString(), ...page })),
  },
  {
    index: 'webhook_endpoints_tenant_id_id_pk',
    by: 'id',
    ask: (db, t) => listWebhooks(db, t, { ...page, after: uuidV7() }),
  },
  {
    index: 'webhook_attempts_endpoint_idx',
    by: 'endpoint_id',
    ask: (db, tenantId) => listWebhookAttempts(db, { tenantId, endpointId: uuidV7() }, { ...page, before: uuidV7() }),
  },
  {
    index: 'webhook_deliveries_due_idx',
    by: 'endpoint_id',
    ask: (db, tenantId) => nextDue(db, { tenantId, endpointId: uuidV7() }),
  },
  {
    index: 'webhook_attempts_attempted_idx',
    by: 'attempted_at',
    ask: (db, t) => deleteWebhookRecords(db, t, EARLIER, 50),
  },
  { index: 'telemetry_events_occurred_idx', by: 'occurred_at', ask: (db, t) => deleteTelemetry(db, t, EARLIER, 50) },
  { index: 'sessions_ip_idx', by: 'ip_seen_at', ask: (db, t) => forgetAddresses(db, t, EARLIER, 50) },
];

describe('what reads by parts', () => {
  let db: Db;
  let tenantId: string;

  beforeAll(async () => {
    const { ownerUrl, appUrl } = inject('servers');
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 2 });
    tenantId = await insertRowOfEach(db);
    await withTenant(db, tenantId, (tx) => tx.$client.query(MANY_SESSIONS));
    const owner = new Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query('ANALYZE sessions');
    await owner.end();
  });
  afterAll(() => db.close());

  /** How Postgres would go about what is asked, were the tables too large to read or to sort. */
  async function explain(ask: (db: Db, tenantId: string) => Promise<unknown>): Promise<Plan[]> {
    const { listening, statements } = listenTo(db);
    await ask(listening, tenantId);
    const [asked] = statements;
    if (!asked) throw new Error('Nothing was asked');
    return withTenant(db, tenantId, async ({ $client: client }) => {
      await client.query(
        'SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off',
      );
      const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
        `EXPLAIN (FORMAT JSON) ${asked.text}`,
        asked.values,
      );
      return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan: plan }) => nodesOf(plan)));
    });
  }

  for (const { index, by, ask } of READS) {
    it(`finds its part by ${index}${by ? `, ${by} included` : ''}, without sorting`, async () => {
      const nodes = await explain(ask);
      const scan = nodes.find((node) => node['Index Name'] === index);
      expect([index, nodes.map((node) => node['Node Type'])]).toEqual([index, expect.not.arrayContaining(['Sort'])]);
      expect([index, scan?.['Index Cond']]).toEqual([index, expect.stringContaining('tenant_id = ')]);
      expect([index, scan?.['Index Cond']]).toEqual([index, expect.stringContaining(by ?? 'tenant_id')]);
    });
  }
});

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** The same database; what it is asked within transactions is kept. */
function listenTo(db: Db): { listening: Db; statements: Statement[] } {
  const statements: Statement[] = [];
  const connect = async () => {
    const client = await db.pool.connect();
    return new Proxy(client, {
      get(target, name) {
        if (name !== 'query') {
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return (statement: string | Statement, values?: unknown[]) => {
          if (typeof statement !== 'string')
            statements.push({ text: statement.text, values: values ?? statement.values });
          return target.query(statement, values);
        };
      },
    });
  };
  return { listening: { ...db, pool: { connect } as unknown as Db['pool'] }, statements };
}
