import { fileURLToPath } from 'node:url';
import type { DataConverter, PayloadCodec } from '@temporalio/common';

/** Where the SDK, and the bundle of workflows, find how failures become payloads. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('failureConverter.cjs', import.meta.url));

/** How every client and worker converts: payloads through the codec, failures' words as payloads. */
export function sealedConverter(codec: PayloadCodec): DataConverter {
  return { payloadCodecs: [codec], failureConverterPath: FAILURE_CONVERTER };
}
