import { type Client, isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import * as keys from '../workflows/conversation/searchAttributes.ts';

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/** gRPC's PERMISSION_DENIED and UNIMPLEMENTED: how servers with administrators of their own answer (Temporal Cloud). */
const NOT_OURS_TO_DO: readonly number[] = [7, 12];

/**
 * Registers the search attributes that conversations use, where the namespace does not have them yet. False when the server
 * leaves that to its administrators: no conversation can start before they have done it.
 */
export async function ensureSearchAttributes(client: Client): Promise<boolean> {
  const { namespace } = client.options;
  try {
    const known = await client.connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.values(keys).filter(({ name }) => !(name in (known.customAttributes ?? {})));
    if (missing.length > 0) await addSearchAttributes(client, missing);
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && NOT_OURS_TO_DO.includes(error.code)) return false;
    throw error;
  }
}

/** Registers search attributes that the namespace must not have yet; by default all that conversations use. */
export async function addSearchAttributes(client: Client, attributes = Object.values(keys)): Promise<void> {
  const { namespace } = client.options;
  const searchAttributes = Object.fromEntries(attributes.map(({ name }) => [name, INDEXED_VALUE_TYPE_KEYWORD]));
  await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}
