import { randomBytes } from 'node:crypto';
import { decryptBytes, encryptBytes } from './sealedBytes.ts';

/** A tenant's data key, wrapped by the master key, as it is stored. */
export interface WrappedKey {
  version: number;
  wrapped: Buffer;
}

/** Where wrapped keys are kept. `insert` keeps the first of two that race and returns it. */
export interface TenantKeyStore {
  list(tenantId: string): Promise<WrappedKey[]>;
  insert(tenantId: string, key: WrappedKey): Promise<WrappedKey>;
}

/** A tenant's data keys in clear, for as long as the process lives. */
export interface TenantKeys {
  /** The newest key; made when the tenant has none. */
  current(tenantId: string): Promise<{ version: number; key: Buffer }>;
  byVersion(tenantId: string, version: number): Promise<Buffer | undefined>;
}

/** Seals small secrets (channel tokens) under the tenant's data key. */
export interface SecretBox {
  seal(tenantId: string, plaintext: string): Promise<Buffer>;
  open(tenantId: string, sealed: Buffer): Promise<string>;
}

const KEY_BYTES = 32;

/**
 * Tenants' data keys over a store, unwrapped with the master key (32 bytes) and cached: once a tenant was seen, its messages
 * can be sealed and opened while the database is down.
 */
export function createTenantKeys(store: TenantKeyStore, masterKey: Buffer): TenantKeys {
  const cache = new Map<string, Promise<Map<number, Buffer>>>();

  const unwrap = (tenantId: string, { wrapped }: WrappedKey) => decryptBytes(masterKey, wrapped, tenantId);

  async function load(tenantId: string): Promise<Map<number, Buffer>> {
    let stored = await store.list(tenantId);
    if (stored.length === 0) {
      const wrapped = encryptBytes(masterKey, randomBytes(KEY_BYTES), tenantId);
      stored = [await store.insert(tenantId, { version: 1, wrapped })];
    }
    return new Map(stored.map((key) => [key.version, unwrap(tenantId, key)]));
  }

  function keysOf(tenantId: string): Promise<Map<number, Buffer>> {
    const cached = cache.get(tenantId);
    if (cached) return cached;
    const loading = load(tenantId);
    cache.set(tenantId, loading);
    loading.catch(() => cache.delete(tenantId));
    return loading;
  }

  return {
    async current(tenantId) {
      const keys = await keysOf(tenantId);
      const version = Math.max(...keys.keys());
      const key = keys.get(version);
      if (!key) throw new Error('A tenant has no data key');
      return { version, key };
    },
    async byVersion(tenantId, version) {
      const known = (await keysOf(tenantId)).get(version);
      if (known) return known;
      cache.delete(tenantId);
      return (await keysOf(tenantId)).get(version);
    },
  };
}

/** A sealed secret starts with its key's version (one byte). */
export function createSecretBox(keys: TenantKeys): SecretBox {
  return {
    async seal(tenantId, plaintext) {
      const { version, key } = await keys.current(tenantId);
      return Buffer.concat([Buffer.from([version]), encryptBytes(key, Buffer.from(plaintext), `secret/${tenantId}`)]);
    },
    async open(tenantId, sealed) {
      const key = await keys.byVersion(tenantId, sealed[0] ?? 0);
      if (!key) throw new Error('No key for this secret');
      return decryptBytes(key, sealed.subarray(1), `secret/${tenantId}`).toString();
    },
  };
}
