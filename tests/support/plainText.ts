import type { PayloadCodec } from '@temporalio/common';

/** Leaves payloads as they are: what Temporal stores is read as it is. */
export const plainText: PayloadCodec = { encode: async (payloads) => payloads, decode: async (payloads) => payloads };
