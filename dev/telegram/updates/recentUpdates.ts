import type { UpdateRecord } from '../state/records.ts';
import type { Store } from '../state/store.ts';

const kept = 5_000;

/** The newest updates, delivered or not, so that one can be sent again. */
export class RecentUpdates {
  private readonly updates = new Map<string, UpdateRecord>();

  constructor(store: Store) {
    store.onCommit((changes) => {
      for (const [kind, key, record] of changes) {
        if (kind === 'update' && record !== null) this.updates.set(key, record as UpdateRecord);
      }
      for (const key of this.updates.keys()) {
        if (this.updates.size <= kept) break;
        this.updates.delete(key);
      }
    });
  }

  /** Updates with this id, or that told of this message, of one bot or of all. */
  find(wanted: { updateId?: number; messageId?: number; botId?: number }): UpdateRecord[] {
    return [...this.updates.values()].filter(
      ({ botId, updateId, body }) =>
        (wanted.botId === undefined || botId === wanted.botId) &&
        (updateId === wanted.updateId ||
          (wanted.messageId !== undefined && (body.message ?? body.edited_message)?.message_id === wanted.messageId)),
    );
  }
}
