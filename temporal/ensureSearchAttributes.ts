import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import * as keys from '../workflows/conversation/searchAttributes.ts';

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/** Registers the search attributes that conversations use, where the namespace does not have them yet. */
export async function ensureSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  const known = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(keys).filter(({ name }) => !(name in (known.customAttributes ?? {})));
  if (missing.length === 0) return;
  await addSearchAttributes(client, missing);
}

/** Registers search attributes that the namespace must not have yet; by default all that conversations use. */
export async function addSearchAttributes(client: Client, attributes = Object.values(keys)): Promise<void> {
  const { namespace } = client.options;
  const searchAttributes = Object.fromEntries(attributes.map(({ name }) => [name, INDEXED_VALUE_TYPE_KEYWORD]));
  await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}
