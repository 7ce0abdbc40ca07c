import { v7 as uuidV7 } from 'uuid';
import type { Actor } from '../../../contracts/audit.ts';
import { auditLog } from '../../schema/auditLog.ts';
import type { TenantTx } from '../../withTenant.ts';

export interface NewAuditEntry {
  tenantId: string;
  actor: Actor;
  /** E.g. `site.created`. */
  action: string;
  /** E.g. `site/0190…`. */
  target: string;
  /** Ids and names of fields; never secrets, message text or personal data. */
  data?: Record<string, unknown>;
  ip?: string;
  requestId?: string;
}

/** Who does it and by which request: what the log's line has from outside of the query that writes it. */
export type By = Pick<NewAuditEntry, 'actor' | 'ip' | 'requestId'>;

/** Adds a line to the tenant's audit log, in the transaction of what it tells of: neither happens without the other. */
export async function insertAudit(tx: TenantTx, { actor, ...entry }: NewAuditEntry): Promise<void> {
  await tx.insert(auditLog).values({ ...entry, id: uuidV7(), actorKind: actor.kind, actorId: actor.id });
}
