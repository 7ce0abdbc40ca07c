import { sql } from 'drizzle-orm';
import { telemetryEvents } from '../../../db/schema/telemetryEvents.ts';
import { withTenant } from '../../../db/withTenant.ts';
import { createTenant } from '../../db/fixtures/createTenant.ts';
import { issueKey } from './issueKey.ts';
import type { Stack } from './stack.ts';

/** More than what the buffers between Postgres and a reader that takes nothing hold. */
const ROWS = 60_000;

/** Begins an export of a tenant's each time that it is called, and reads none of them to the end. */
export async function holdExports({ db }: Stack, url: string): Promise<() => Promise<Response>> {
  const { tenantId, siteId } = await createTenant(db);
  const { key } = await issueKey(db, tenantId, ['data:export']);
  await withTenant(db, tenantId, (tx) =>
    tx.execute(sql`insert into ${telemetryEvents} (tenant_id, id, site_id, name, occurred_at)
      select ${tenantId}, gen_random_uuid(), ${siteId}, 'opened', now() from generate_series(1, ${ROWS}::int)`),
  );
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const begun: Response[] = [];
  return async () => {
    const response = await fetch(`${url}/v1/admin/exports`, { method: 'POST', headers, body: '{"tenant":true}' });
    begun.push(response);
    return response;
  };
}
