import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { decode, encode } from '@temporalio/common/lib/encoding.js';
import proto from '@temporalio/proto';
import { parseConversationWorkflowId } from '../contracts/workflowId.ts';
import { decryptBytes, encryptBytes } from '../encryption/sealedBytes.ts';
import type { TenantKeys } from '../encryption/tenantKeys.ts';

const PayloadMessage = proto.temporal.api.common.v1.Payload;
const ENCODING_KEY = 'encoding';
const ENCODING = 'binary/encrypted';
const TENANT = 'parley-tenant';
const KEY_VERSION = 'parley-key-version';

/** A payload that cannot be opened: no such key, or bytes that were changed. Never holds what was inside. */
export class PayloadDecryptionError extends Error {
  override readonly name = 'PayloadDecryptionError';
}

/**
 * Encrypts what Temporal stores of a conversation: AES-256-GCM with the tenant's data key, the tenant's id as associated
 * data. The tenant comes from the workflow id in the serialization context; payloads of other workflows stay as they are
 * (they hold references only).
 */
export function createPayloadCodec(keys: TenantKeys): PayloadCodec {
  async function seal(payload: Payload, tenantId: string): Promise<Payload> {
    const { version, key } = await keys.current(tenantId);
    return {
      metadata: {
        [ENCODING_KEY]: encode(ENCODING),
        [TENANT]: encode(tenantId),
        [KEY_VERSION]: encode(String(version)),
      },
      data: encryptBytes(key, PayloadMessage.encode(payload).finish(), tenantId),
    };
  }

  async function open(payload: Payload): Promise<Payload> {
    const tenantId = sealedFor(payload);
    if (tenantId === undefined) return payload;
    const key = await keys.byVersion(tenantId, Number(metadataOf(payload, KEY_VERSION)));
    if (!key) throw new PayloadDecryptionError('There is no key for this payload');
    try {
      return PayloadMessage.decode(decryptBytes(key, payload.data ?? new Uint8Array(), tenantId));
    } catch {
      throw new PayloadDecryptionError('This payload was changed, or sealed for another tenant');
    }
  }

  return {
    encode(payloads, context) {
      const tenantId = tenantOf(context);
      return tenantId ? Promise.all(payloads.map((payload) => seal(payload, tenantId))) : Promise.resolve(payloads);
    },
    decode: (payloads) => Promise.all(payloads.map(open)),
  };
}

/** The tenant whose key the payload names; undefined for one that is not sealed. What it says is not verified yet. */
export function sealedFor(payload: Payload): string | undefined {
  return metadataOf(payload, ENCODING_KEY) === ENCODING ? metadataOf(payload, TENANT) : undefined;
}

/**
 * Whose key seals, if any does. A local activity's arguments never leave the worker, so sealing them protects nothing and
 * costs every message; its result does go into the history and must hold references only.
 */
function tenantOf(context: SerializationContext | undefined): string | undefined {
  if (context?.workflowId === undefined || (context.type === 'activity' && context.isLocal)) return undefined;
  return parseConversationWorkflowId(context.workflowId)?.tenantId;
}

function metadataOf({ metadata }: Payload, key: string): string {
  const value = metadata?.[key];
  return value ? decode(value) : '';
}
