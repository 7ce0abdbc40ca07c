import type { Logger } from 'pino';
import type { Hub } from '../../channels/web/hub.ts';
import type { Revocation, RevocationCode } from '../../contracts/revocation.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { listRevoked } from '../../db/queries/sessions/listRevoked.ts';
import type { Directory } from './directory.ts';

/** Finds what no announcement brought: with the time that a look takes, sockets end within 5 s. */
const LOOK_EVERY_MS = 2_500;
const BATCH_CONVERSATIONS = 1_000;

export interface RevocationWatchOptions {
  db: Db;
  hub: Hub;
  directory: Pick<Directory, 'forget'>;
  logger: Pick<Logger, 'warn'>;
}

/** Called once, when the visitor may stay no more. */
type OnRevoked = (code: RevocationCode) => void;

/**
 * Ends open sockets of one instance when their conversation is erased, their session revoked or their tenant suspended. An
 * announcement over the hub only says where to look: what counts is in Postgres, and all of it is looked at every few seconds.
 */
export class RevocationWatch {
  readonly #options: RevocationWatchOptions;
  /** By tenant, by conversation. */
  readonly #followed = new Map<string, Map<string, Set<OnRevoked>>>();
  readonly #timer: NodeJS.Timeout;
  readonly #subscription: Promise<() => Promise<void>>;
  /** Tenants to look at. */
  readonly #due = new Set<string>();
  #round: Promise<void> | undefined;
  #closed = false;

  constructor(options: RevocationWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#lookAt([...this.#followed.keys()]), LOOK_EVERY_MS);
    this.#subscription = options.hub.onRevocation((revocation) => this.#hear(revocation));
  }

  /** Watches until the returned function is called. */
  follow({ tenantId, conversationId }: ConversationRef, onRevoked: OnRevoked): () => void {
    const ofTenant = this.#followed.get(tenantId) ?? new Map<string, Set<OnRevoked>>();
    const listeners = ofTenant.get(conversationId) ?? new Set();
    this.#followed.set(tenantId, ofTenant.set(conversationId, listeners.add(onRevoked)));
    return () => {
      listeners.delete(onRevoked);
      if (listeners.size === 0 && ofTenant.get(conversationId) === listeners) ofTenant.delete(conversationId);
      if (ofTenant.size === 0 && this.#followed.get(tenantId) === ofTenant) this.#followed.delete(tenantId);
    };
  }

  /** Resolves when no query is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    const unsubscribe = await this.#subscription;
    await Promise.all([unsubscribe(), this.#round]);
  }

  #hear({ tenantId, conversationId }: Revocation): void {
    this.#options.directory.forget({ tenantId, conversationId });
    const ofTenant = this.#followed.get(tenantId);
    if (ofTenant && (conversationId === undefined || ofTenant.has(conversationId))) this.#lookAt([tenantId]);
  }

  /** One query after the other: a burst of announcements must not take every connection of the pool. */
  #lookAt(tenantIds: readonly string[]): void {
    for (const tenantId of tenantIds) this.#due.add(tenantId);
    this.#round ??= this.#lookAtDue().finally(() => {
      this.#round = undefined;
    });
  }

  async #lookAtDue(): Promise<void> {
    for (const tenantId of this.#due) {
      this.#due.delete(tenantId);
      const conversationIds = [...(this.#followed.get(tenantId)?.keys() ?? [])];
      for (let start = 0; start < conversationIds.length && !this.#closed; start += BATCH_CONVERSATIONS) {
        await this.#lookAtBatch(tenantId, conversationIds.slice(start, start + BATCH_CONVERSATIONS));
      }
    }
  }

  async #lookAtBatch(tenantId: string, conversationIds: readonly string[]): Promise<void> {
    try {
      const revoked = await listRevoked(this.#options.db, tenantId, conversationIds);
      if (revoked.size > 0) this.#options.directory.forget({ tenantId });
      for (const [conversationId, code] of revoked) {
        for (const onRevoked of this.#followed.get(tenantId)?.get(conversationId) ?? []) onRevoked(code);
      }
    } catch (err) {
      this.#options.logger.warn({ err, tenant_id: tenantId }, 'looking for revoked sessions failed');
    }
  }
}
