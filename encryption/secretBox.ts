import { decryptBytes, encryptBytes } from './sealedBytes.ts';
import type { TenantKeys } from './tenantKeys.ts';

/** Seals small values of one purpose under the tenant's data key. */
export interface SecretBox {
  seal(tenantId: string, plaintext: string): Promise<Buffer>;
  open(tenantId: string, sealed: Buffer): Promise<string>;
}

/** Stands where a key's version would: a row from before its column was sealed, its bytes are UTF-8. */
const IN_CLEAR = 0;

/**
 * A sealed value starts with its key's version (one byte). Purpose and tenant are authenticated: what was sealed as a note does
 * not open as a message, and another tenant's not at all.
 */
export function createSecretBox(keys: TenantKeys, purpose: string): SecretBox {
  const context = (tenantId: string) => `${purpose}/${tenantId}`;
  return {
    async seal(tenantId, plaintext) {
      const { version, key } = await keys.current(tenantId);
      return Buffer.concat([Buffer.from([version]), encryptBytes(key, Buffer.from(plaintext), context(tenantId))]);
    },
    async open(tenantId, sealed) {
      const key = await keys.byVersion(tenantId, sealed[0] ?? 0);
      if (!key) throw new Error('No key for this secret');
      return decryptBytes(key, sealed.subarray(1), context(tenantId)).toString();
    },
  };
}

/** The same for a column that was not sealed from its first day on: opens its old rows too, until they are resealed. */
export function openingClear(box: SecretBox): SecretBox {
  return {
    seal: box.seal,
    open: async (tenantId, sealed) =>
      sealed[0] === IN_CLEAR ? sealed.subarray(1).toString() : box.open(tenantId, sealed),
  };
}
