import type { Logger } from 'pino';
import type { Db } from '../../db/createDb.ts';
import { type ApiKeyGrant, findApiKey } from '../../db/queries/apiKeys/findApiKey.ts';
import { touchApiKey } from '../../db/queries/apiKeys/touchApiKey.ts';
import { FreshCache } from './freshCache.ts';

/** How late an instance sees that a key was revoked; 5 s are promised, and loading takes its time as well. */
const FRESH_MS = 2_000;
const MAX_KEYS = 10_000;
const NOTE_EVERY_MS = 60_000;

/** The keys that programs come with. */
export interface ApiKeys {
  /** What the key with this hash may do now; undefined when it is nobody's, revoked or expired. */
  find(secretHash: Buffer): Promise<ApiKeyGrant | undefined>;
  /** Notes that a key is in use: at most once a minute, and nobody waits for it. */
  noteUse(grant: ApiKeyGrant): void;
  /** Resolves when what was noted is written. */
  settle(): Promise<void>;
}

export function createApiKeys({ db, logger }: { db: Db; logger: Pick<Logger, 'warn'> }): ApiKeys {
  const load = (hash: string) => findApiKey(db, Buffer.from(hash, 'hex'));
  const grants = new FreshCache({ freshMs: FRESH_MS, maxEntries: MAX_KEYS, load });
  const notedAt = new Map<string, number>();
  const writing = new Set<Promise<void>>();

  async function write({ tenantId, keyId }: ApiKeyGrant): Promise<void> {
    try {
      await touchApiKey(db, tenantId, keyId);
    } catch (err) {
      logger.warn({ err, tenant_id: tenantId, key_id: keyId }, 'the use of a key was not noted');
    }
  }

  return {
    async find(secretHash) {
      const grant = await grants.get(secretHash.toString('hex'));
      const isOver = grant?.expiresAt && grant.expiresAt.getTime() <= Date.now();
      return isOver ? undefined : grant;
    },
    noteUse(grant) {
      if (Date.now() - (notedAt.get(grant.keyId) ?? 0) < NOTE_EVERY_MS) return;
      notedAt.delete(grant.keyId);
      notedAt.set(grant.keyId, Date.now());
      const [oldest] = notedAt.keys();
      if (notedAt.size > MAX_KEYS && oldest !== undefined) notedAt.delete(oldest);
      const written: Promise<void> = write(grant).finally(() => writing.delete(written));
      writing.add(written);
    },
    settle: async () => void (await Promise.all(writing)),
  };
}
