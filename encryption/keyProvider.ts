import { CodedError } from '../contracts/errors.ts';

/** A data key as it is stored. `masterKeyId` is null for keys from before master keys had names. */
export interface WrappedKey {
  wrapped: Buffer;
  masterKeyId: string | null;
}

/**
 * Holds master keys, and wraps tenants' data keys (32 bytes) under the current one. `context` is authenticated with the
 * key and must be the same for both directions. Rejects with a {@link KeyProviderError}.
 */
export interface KeyProvider {
  /** Names the master key that wraps now; another name means that keys wrapped so far are due for rewrapping. */
  currentKeyId(): Promise<string>;
  /** Whether a key that this master key wrapped is this provider's to unwrap. */
  owns(masterKeyId: string | null): boolean;
  wrap(dataKey: Buffer, context: string): Promise<WrappedKey & { masterKeyId: string }>;
  unwrap(key: WrappedKey, context: string): Promise<Buffer>;
}

/** `keys_unavailable`: the provider did not answer, or cannot now. `internal`: it said no. Names what failed, never a key. */
export class KeyProviderError extends CodedError {
  constructor(code: 'keys_unavailable' | 'internal', message: string) {
    super(code, message, code === 'internal' ? {} : { retryAfterSeconds: 5 });
    this.name = 'KeyProviderError';
  }
}

/** Wraps with `current`; unwraps with whichever provider wrapped, so that an installation can move from one to another. */
export function combineKeyProviders(current: KeyProvider, others: readonly KeyProvider[]): KeyProvider {
  const all = [current, ...others];
  return {
    currentKeyId: () => current.currentKeyId(),
    owns: (masterKeyId) => all.some((provider) => provider.owns(masterKeyId)),
    wrap: (dataKey, context) => current.wrap(dataKey, context),
    async unwrap(key, context) {
      const owner = all.find((provider) => provider.owns(key.masterKeyId));
      if (!owner) throw new KeyProviderError('internal', `No key provider is configured for ${key.masterKeyId}`);
      return owner.unwrap(key, context);
    },
  };
}
