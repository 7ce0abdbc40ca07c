import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { STAND_IN_TENANT, standIn, type Watched, watchDb } from './fixtures/watchedDb.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Queries that ask before a tenant is known, and why. Each calls one of LOOKUP_FUNCTIONS or reads the schema `people`. */
const BEFORE_A_TENANT: Record<string, string> = {
  countDisabledWebhooks: 'the figure of whoever runs the installation',
  countTroubledDeliveries: 'the figures of whoever runs the installation',
  findApiKey: "a key's hash leads to its tenant",
  findChannelByWebhook: "a webhook's secret leads to its tenant",
  findIdentityProvider: "the slug in a callback's address leads to its tenant",
  findInvitation: "an invitation's token leads to its tenant",
  findPortalTenant: "a portal conversation's id leads to its tenant",
  getSiteByKey: "a site's public key leads to its tenant",
  isKnownOrigin: 'a preflight names no site',
  listMemberships: 'whoever signs in has yet to choose a tenant',
  listOverdueWebhooks: 'the sweep has to find what was missed, whosever it is',
  listTelegramTenants: 'whoever polls has to know whose bots there are',
  listTenantIds: 'what is done for every tenant, one after the other',
  listTenants: 'the list of whoever runs the installation',
};

/** Queries that make the tenant whose id they use. */
const MAKES_A_TENANT = ['createTenant'];

/** SECURITY DEFINER functions: all that can look across tenants, and what they give. */
const LOOKUP_FUNCTIONS: Record<string, string> = {
  // A number, of all tenants together.
  count_disabled_webhooks: 'bigint',
  // Three words, each with a number, of all tenants together.
  count_troubled_deliveries: 'TABLE(state text, rows bigint)',
  find_api_key: 'TABLE(tenant_id uuid, key_id uuid)',
  find_channel_by_webhook: 'TABLE(tenant_id uuid, connection_id uuid)',
  find_identity_provider: 'TABLE(tenant_id uuid, provider_id uuid)',
  find_invitation: 'TABLE(tenant_id uuid, invitation_id uuid)',
  find_portal_conversation: 'TABLE(tenant_id uuid)',
  find_site: 'TABLE(tenant_id uuid, site_id uuid)',
  // Yes or no, never whose.
  is_known_origin: 'boolean',
  // A role is one of three words, of a person whose id is known.
  list_memberships: 'TABLE(tenant_id uuid, role text)',
  list_overdue_webhooks: 'TABLE(tenant_id uuid, endpoint_id uuid)',
  list_telegram_connections: 'TABLE(tenant_id uuid, connection_id uuid)',
  list_tenants: 'TABLE(tenant_id uuid)',
};

/** Arguments of functions that check them before they ask: those that stand-ins do not satisfy. */
const EXAMPLES: Record<string, unknown[]> = {
  createSite: [
    { tenantId: STAND_IN_TENANT, rollout: 'ga', rolloutPercent: null, identity: null, identitySecret: null },
  ],
};

interface Query {
  name: string;
  file: string;
  run: (...args: unknown[]) => unknown;
  parameters: string[];
}

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true });
  return entries.filter((entry) => entry.endsWith('.ts')).map((entry) => join(folder, entry));
}

async function allQueries(): Promise<Query[]> {
  const found: Query[] = [];
  for (const file of await sourcesIn('db/queries')) {
    const module = (await import(join(ROOT, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === 'function')
        found.push({ name, file, run: value as Query['run'], parameters: namesOf(value) });
    }
  }
  return found;
}

/** The parameters as they are written; one that is taken apart counts as what it is made of. */
function namesOf(value: { toString(): string }): string[] {
  const source = value.toString();
  const parameters: string[] = [''];
  let depth = 0;
  for (const character of source.slice(source.indexOf('(') + 1)) {
    if (depth === 0 && character === ')') break;
    if ('{[('.includes(character)) depth += 1;
    if ('}])'.includes(character)) depth -= 1;
    if (depth === 0 && character === ',') parameters.push('');
    else parameters.push(`${parameters.pop() ?? ''}${character}`);
  }
  return parameters.map((parameter) => parameter.trim()).filter(Boolean);
}

async function watch({ name, run, parameters }: Query): Promise<Watched> {
  const { db, watched } = watchDb();
  const [, ...rest] = parameters;
  const args = EXAMPLES[name] ?? rest.map((parameter) => (parameter === 'tenantId' ? STAND_IN_TENANT : standIn()));
  // Whatever it makes of empty answers: what counts is what it asked.
  await Promise.resolve()
    .then(() => run(db, ...args))
    .catch(() => {});
  return watched;
}

describe('whatever reaches the database', () => {
  let queries: Query[];

  beforeAll(async () => {
    queries = await allQueries();
  });

  it('takes the database or a transaction first, or has nothing to do with either', () => {
    expect(queries.length).toBeGreaterThan(100);
    const late = queries.filter(({ parameters }) => parameters.slice(1).some((name) => /\b(db|tx)\b/.test(name)));
    expect(late.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });

  it('asks as the tenant that it is given, and as nobody only where that is explained', async () => {
    const asNobody: string[] = [];
    for (const query of queries.filter(({ parameters, file }) => parameters[0] === 'db' && !isOfPeople(file))) {
      const { tenants, outside } = await watch(query);
      const { name } = query;
      expect([name, tenants.length + outside.length > 0]).toEqual([name, true]);
      if (outside.length > 0) asNobody.push(name);
      for (const statement of outside) expect([name, statement]).toEqual([name, expect.stringMatching(LOOKUP)]);
      const foreign = tenants.filter((tenant) => tenant !== STAND_IN_TENANT && !MAKES_A_TENANT.includes(name));
      expect([name, foreign]).toEqual([name, []]);
    }
    expect(asNobody.toSorted()).toEqual(Object.keys(BEFORE_A_TENANT));
  });

  it('asks for people in their own schema alone, where it asks for no tenant', async () => {
    for (const query of queries.filter(({ parameters, file }) => parameters[0] === 'db' && isOfPeople(file))) {
      const { tenants, outside } = await watch(query);
      const { name } = query;
      expect([name, tenants.length + outside.length > 0]).toEqual([name, true]);
      for (const statement of outside) {
        const parts = [...statement.matchAll(/(\w+) AS \(/g)].map(([, part]) => part);
        const read = [...statement.matchAll(/\b(?:FROM|INTO|UPDATE|JOIN) (\S+)/gi)].map(([, table]) => table);
        for (const table of read.filter((table) => !parts.includes(table))) {
          expect([name, table]).toEqual([name, expect.stringMatching(/^people\.\w+$/)]);
        }
      }
    }
  });

  it('is in db/, but for the library that keeps people', async () => {
    const folders = ['api', 'activities', 'channels', 'encryption', 'runtime', 'temporal', 'worker', 'workflows'];
    const files = (await Promise.all(folders.map(sourcesIn))).flat();
    const direct: string[] = [];
    for (const file of files) {
      const source = await readFile(join(ROOT, file), 'utf8');
      if (/\.pool\b|\/lookUp\.ts'|from 'pg'/.test(source)) direct.push(file);
    }
    expect(direct.toSorted()).toEqual(['api/people/accounts.ts', 'api/people/auth.ts']);
  });
});

describe('what may look across tenants', () => {
  const { ownerUrl, appUrl } = inject('servers');
  let db: Db;

  beforeAll(async () => {
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 1 });
  });

  afterAll(() => db.close());

  it("gives ids alone, trusts nobody else's names, and answers the application only", async () => {
    const { rows } = await db.pool.query<Record<'name' | 'result' | 'config' | 'acl', string>>(`
      SELECT p.proname AS name, pg_get_function_result(p.oid) AS result, p.proconfig::text AS config,
        (SELECT string_agg(a.grantee::regrole::text, ',') FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner) AS acl
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY name`);
    const isTrigger = ({ result }: { result: string }) => result === 'trigger';
    const lookups = rows.filter((row) => !isTrigger(row));
    expect(Object.fromEntries(lookups.map(({ name, result }) => [name, result]))).toEqual(LOOKUP_FUNCTIONS);
    // Nobody calls a trigger's: it says yes or no to a row.
    expect(rows.filter(isTrigger).map(({ name }) => name)).toEqual(['refuse_bot_of_another_tenant']);
    for (const { name, config, acl, result } of rows) {
      const granted = isTrigger({ result }) ? null : 'parley_app';
      expect({ name, config, acl }).toEqual({ name, config: '{"search_path=\\"\\""}', acl: granted });
    }
  });

  it('is the functions alone: no policy lets the application see past its tenant', async () => {
    const { rows } = await db.pool.query(`
      SELECT c.relname AS table, p.polname AS policy FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      WHERE p.polname <> 'tenant' AND (0 = ANY (p.polroles) OR EXISTS (
        SELECT FROM unnest(p.polroles) AS r WHERE pg_has_role('parley_app', r, 'MEMBER')))`);
    expect(rows).toEqual([]);
  });
});

const LOOKUP_CALL = `(?:${Object.keys(LOOKUP_FUNCTIONS).join('|')})\\([$\\d, ]*\\)`;

/** Calls one of the functions, and nothing else. */
const LOOKUP = new RegExp(`^SELECT (?:[\\w ,]+ FROM ${LOOKUP_CALL}|${LOOKUP_CALL} AS \\w+)$`);

function isOfPeople(file: string): boolean {
  return file.startsWith('db/queries/people/');
}
