import type { Env } from '../config/env.ts';
import { combineKeyProviders, type KeyProvider } from '../encryption/keyProvider.ts';
import { createMasterKeyProvider } from '../encryption/masterKeyProvider.ts';
import { createVaultTransitProvider } from '../encryption/vaultTransitProvider.ts';

/** What of the environment says who wraps tenants' data keys. */
export type KeyEnv = Partial<
  Pick<
    Env,
    | 'KEY_PROVIDER'
    | 'MASTER_KEY'
    | 'MASTER_KEY_PREVIOUS'
    | 'VAULT_ADDR'
    | 'VAULT_TOKEN'
    | 'VAULT_NAMESPACE'
    | 'VAULT_TRANSIT_MOUNT'
    | 'VAULT_TRANSIT_KEY'
  >
>;

/** The provider that the environment names wraps; every other one that is configured opens what it wrapped before. */
export function openKeyProvider(env: KeyEnv): KeyProvider {
  const local = localProvider(env);
  const vault = vaultProvider(env);
  const [current, other] = env.KEY_PROVIDER === 'vault' ? [vault, local] : [local, vault];
  if (!current) throw new Error('The environment has no key provider');
  return other ? combineKeyProviders(current, [other]) : current;
}

function localProvider({ MASTER_KEY, MASTER_KEY_PREVIOUS = [] }: KeyEnv): KeyProvider | undefined {
  const bytes = (key: string) => Buffer.from(key, 'base64');
  return MASTER_KEY ? createMasterKeyProvider(bytes(MASTER_KEY), MASTER_KEY_PREVIOUS.map(bytes)) : undefined;
}

function vaultProvider(env: KeyEnv): KeyProvider | undefined {
  const { VAULT_ADDR: address, VAULT_TOKEN: token, VAULT_NAMESPACE: namespace } = env;
  const { VAULT_TRANSIT_MOUNT: mount = 'transit', VAULT_TRANSIT_KEY: key = 'parley' } = env;
  return address && token ? createVaultTransitProvider({ address, token, namespace, mount, key }) : undefined;
}
