import { createHash } from 'node:crypto';
import { type KeyProvider, KeyProviderError } from './keyProvider.ts';
import { decryptBytes, encryptBytes } from './sealedBytes.ts';

const PREFIX = 'local:';

/** Master keys (32 bytes each) that the process holds itself: the first one wraps, all of them unwrap. */
export function createMasterKeyProvider(current: Buffer, previous: readonly Buffer[] = []): KeyProvider {
  const keys = [current, ...previous];
  const byId = new Map(keys.map((key) => [masterKeyId(key), key]));

  function candidates(id: string | null): readonly Buffer[] {
    if (id === null) return keys;
    const key = byId.get(id);
    if (!key) throw new KeyProviderError('internal', `The master key ${id} is not among those configured`);
    return [key];
  }

  return {
    currentKeyId: async () => masterKeyId(current),
    owns: (id) => id === null || id.startsWith(PREFIX),
    wrap: async (dataKey, context) => ({
      wrapped: encryptBytes(current, dataKey, context),
      masterKeyId: masterKeyId(current),
    }),
    async unwrap({ wrapped, masterKeyId: id }, context) {
      for (const key of candidates(id)) {
        const dataKey = tryDecrypt(key, wrapped, context);
        if (dataKey) return dataKey;
      }
      throw new KeyProviderError('internal', 'No configured master key unwraps this data key');
    },
  };
}

/** The same for the same key everywhere, and of no use to find the key: 256 random bits cannot be guessed from a hash. */
function masterKeyId(key: Buffer): string {
  return `${PREFIX}${createHash('sha256').update('parley/master-key/').update(key).digest('hex').slice(0, 16)}`;
}

function tryDecrypt(key: Buffer, wrapped: Buffer, context: string): Buffer | undefined {
  try {
    return decryptBytes(key, wrapped, context);
  } catch {
    return undefined;
  }
}
