import {
  allowInsecureRequests,
  ClientSecretBasic,
  type Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import type { IdentityProvider } from '../../../db/queries/identityProviders/getIdentityProvider.ts';
import type { SecretBox } from '../../../encryption/secretBox.ts';
import { createProviderFetch } from './providerFetch.ts';
import { providerRefusal } from './providerRefusal.ts';

export interface OpenProviderOptions {
  secrets: SecretBox;
  /** Providers may lie in the installation's own network and speak http; for development. */
  allowPrivate: boolean;
}

/** What the provider says of itself (OpenID Connect Discovery), and our secret with it. Throws `oidc_unavailable`. */
export async function openProvider(
  { tenantId, issuer, clientId, clientSecret }: IdentityProvider,
  { secrets, allowPrivate }: OpenProviderOptions,
): Promise<Configuration> {
  const secret = await secrets.open(tenantId, clientSecret);
  return discovery(new URL(issuer), clientId, undefined, ClientSecretBasic(secret), {
    [customFetch]: createProviderFetch({ allowPrivate }),
    // By default an ID token that came straight from the provider over TLS is believed without a look at its signature.
    execute: [enableNonRepudiationChecks, ...(allowPrivate ? [allowInsecureRequests] : [])],
  }).catch((error: unknown) => {
    throw providerRefusal(error, 'oidc_unavailable');
  });
}
