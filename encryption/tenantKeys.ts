import { randomBytes } from 'node:crypto';
import type { KeyProvider, WrappedKey } from './keyProvider.ts';

/** One version of a tenant's data key, as it is stored. */
export interface TenantKey extends WrappedKey {
  version: number;
}

/** Where wrapped keys are kept. `insert` keeps the first of two that race and returns it. */
export interface TenantKeyStore {
  list(tenantId: string): Promise<TenantKey[]>;
  insert(tenantId: string, key: TenantKey): Promise<TenantKey>;
}

/** A tenant's data keys in clear, in this process's memory. */
export interface TenantKeys {
  /** The newest key; made when the tenant has none. */
  current(tenantId: string): Promise<{ version: number; key: Buffer }>;
  byVersion(tenantId: string, version: number): Promise<Buffer | undefined>;
}

const KEY_BYTES = 32;

/** The store is asked again after this time, in the background. */
const REFRESH_AFTER_MS = 15_000;

/** A version that another process made is used everywhere after this time, unless the store is out of reach. */
const MAX_AGE_MS = 30_000;

/** How soon a store that was out of reach is asked again; messages do not wait for it. */
const RETRY_AFTER_MS = 5_000;

/** What is known of a tenant's keys. */
interface KeyRing {
  keys: ReadonlyMap<number, Buffer>;
  readAt: number;
  /** When the store last failed to answer; undefined when its last answer came. */
  failedAt: number | undefined;
  reading: Promise<void> | undefined;
}

/** A new data key, wrapped for its tenant. */
export async function makeTenantKey(provider: KeyProvider, tenantId: string, version: number): Promise<TenantKey> {
  return { version, ...(await provider.wrap(randomBytes(KEY_BYTES), tenantId)) };
}

/**
 * Tenants' data keys over a store, unwrapped by the provider and cached: once a tenant was seen, its messages can be sealed and
 * opened while database and provider are out of reach.
 */
export function createTenantKeys(store: TenantKeyStore, provider: KeyProvider): TenantKeys {
  const rings = new Map<string, Promise<KeyRing>>();

  async function read(tenantId: string, known: ReadonlyMap<number, Buffer>): Promise<ReadonlyMap<number, Buffer>> {
    const stored = await store.list(tenantId);
    const keys = stored.map(
      async (key) => [key.version, known.get(key.version) ?? (await provider.unwrap(key, tenantId))] as const,
    );
    return new Map(await Promise.all(keys));
  }

  async function open(tenantId: string): Promise<KeyRing> {
    const keys = await read(tenantId, new Map());
    return { keys, readAt: performance.now(), failedAt: undefined, reading: undefined };
  }

  function ringOf(tenantId: string): Promise<KeyRing> {
    const opened = rings.get(tenantId);
    if (opened) return opened;
    const opening = open(tenantId);
    rings.set(tenantId, opening);
    opening.catch(() => rings.delete(tenantId));
    return opening;
  }

  async function reread(tenantId: string, ring: KeyRing): Promise<void> {
    const startedAt = performance.now();
    try {
      ring.keys = await read(tenantId, ring.keys);
      ring.readAt = startedAt;
      ring.failedAt = undefined;
    } catch (error) {
      ring.failedAt = performance.now();
      throw error;
    }
  }

  /** One reading at a time. */
  function refresh(tenantId: string, ring: KeyRing): Promise<void> {
    ring.reading ??= reread(tenantId, ring).finally(() => {
      ring.reading = undefined;
    });
    return ring.reading;
  }

  /** Recent enough to seal with: a failing store is not waited for, since what is known still works. */
  async function recent(tenantId: string): Promise<KeyRing> {
    const ring = await ringOf(tenantId);
    const now = performance.now();
    const rested = ring.failedAt === undefined || now - ring.failedAt >= RETRY_AFTER_MS;
    if (now - ring.readAt < REFRESH_AFTER_MS || !rested) return ring;
    const mayWait = now - ring.readAt >= MAX_AGE_MS && ring.failedAt === undefined;
    const refreshed = refresh(tenantId, ring).catch(() => {});
    if (mayWait) await refreshed;
    return ring;
  }

  async function makeFirst(tenantId: string, ring: KeyRing): Promise<void> {
    const { version, ...kept } = await store.insert(tenantId, await makeTenantKey(provider, tenantId, 1));
    ring.keys = new Map(ring.keys).set(version, await provider.unwrap(kept, tenantId));
  }

  return {
    async current(tenantId) {
      const ring = await recent(tenantId);
      if (ring.keys.size === 0) await makeFirst(tenantId, ring);
      const version = Math.max(...ring.keys.keys());
      const key = ring.keys.get(version);
      if (!key) throw new Error('A tenant has no data key');
      return { version, key };
    },
    async byVersion(tenantId, version) {
      const ring = await ringOf(tenantId);
      // A reading that is under way may have begun before the version was made.
      if (!ring.keys.has(version)) await ring.reading?.catch(() => {});
      if (!ring.keys.has(version)) await refresh(tenantId, ring);
      return ring.keys.get(version);
    },
  };
}
