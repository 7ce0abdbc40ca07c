import { and, eq } from 'drizzle-orm';
import type { LedgerRow } from '../../../contracts/ledger.ts';
import type { Db } from '../../createDb.ts';
import { messages } from '../../schema/messages.ts';
import { outbox } from '../../schema/outbox.ts';
import { withTenant } from '../../withTenant.ts';
import { carriedMessage, ledgerColumns, toLedgerRow } from './ledgerRow.ts';

/** The tenant's row with that key, its payload closed. */
export async function getLedgerRow(db: Db, tenantId: string, key: string): Promise<LedgerRow | undefined> {
  const [row] = await withTenant(db, tenantId, (tx) =>
    tx
      .select(ledgerColumns)
      .from(outbox)
      .leftJoin(messages, carriedMessage)
      .where(and(eq(outbox.tenantId, tenantId), eq(outbox.key, key))),
  );
  return row && toLedgerRow(tenantId, row, undefined);
}
