import type { PayloadCodec } from '@temporalio/common';
import type { Env } from '../config/env.ts';
import type { Db } from '../db/createDb.ts';
import { getTenantKeys } from '../db/queries/getTenantKeys.ts';
import { insertTenantKey } from '../db/queries/insertTenantKey.ts';
import { createSecretBox, createTenantKeys, type SecretBox } from '../encryption/tenantKeys.ts';
import { createPayloadCodec } from '../temporal/payloadCodec.ts';

/** What seals and opens tenants' data in this process: payloads for Temporal, and secrets for the database. */
export interface Keys {
  codec: PayloadCodec;
  secrets: SecretBox;
}

/** Tenants' data keys from the database, unwrapped with MASTER_KEY. */
export function openKeys(env: Pick<Env, 'MASTER_KEY'>, db: Db): Keys {
  const keys = createTenantKeys(
    {
      list: (tenantId) => getTenantKeys(db, tenantId),
      insert: (tenantId, key) => insertTenantKey(db, tenantId, key),
    },
    Buffer.from(env.MASTER_KEY, 'base64'),
  );
  return { codec: createPayloadCodec(keys), secrets: createSecretBox(keys) };
}
