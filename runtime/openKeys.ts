import type { PayloadCodec } from '@temporalio/common';
import type { Db } from '../db/createDb.ts';
import { getTenantKeys } from '../db/queries/getTenantKeys.ts';
import { insertTenantKey } from '../db/queries/insertTenantKey.ts';
import type { Words } from '../db/words.ts';
import { createSecretBox, openingClear, type SecretBox } from '../encryption/secretBox.ts';
import { createTenantKeys } from '../encryption/tenantKeys.ts';
import { createPayloadCodec } from '../temporal/payloadCodec.ts';
import { type KeyEnv, openKeyProvider } from './openKeyProvider.ts';

/** What seals and opens tenants' data in this process: payloads for Temporal, secrets and words for the database. */
export interface Keys {
  codec: PayloadCodec;
  secrets: SecretBox;
  words: Words;
}

/** Tenants' data keys from the database, unwrapped by the environment's key provider. */
export function openKeys(env: KeyEnv, db: Db): Keys {
  const keys = createTenantKeys(
    {
      list: (tenantId) => getTenantKeys(db, tenantId),
      insert: (tenantId, key) => insertTenantKey(db, tenantId, key),
    },
    openKeyProvider(env),
  );
  const sealer = (purpose: string) => openingClear(createSecretBox(keys, purpose));
  return {
    codec: createPayloadCodec(keys),
    secrets: createSecretBox(keys, 'secret'),
    words: {
      messages: sealer('message'),
      notes: sealer('note'),
      effects: sealer('effect'),
      files: sealer('file'),
      ready: async (tenantId) => void (await keys.current(tenantId)),
    },
  };
}
