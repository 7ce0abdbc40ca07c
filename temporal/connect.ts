import { Client, Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { sealedConverter } from './sealedConverter.ts';

export interface EngineAddress {
  /** host:port of Temporal's frontend. */
  address: string;
  namespace: string;
}

/**
 * A client that connects with its first call: a process starts while Temporal is down. A lost connection is tried again
 * after 0.1 to 1 s (gRPC's default grows to two minutes, long after Temporal is back).
 */
export function createEngineClient({ address, namespace }: EngineAddress, codec: PayloadCodec): Client {
  const connection = Connection.lazy({
    address,
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 },
  });
  return new Client({ connection, namespace, dataConverter: sealedConverter(codec) });
}
