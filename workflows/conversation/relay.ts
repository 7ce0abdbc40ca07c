import { ActivityFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Activities } from './proxies.ts';
import type { ConversationState } from './state.ts';

/** After this long a delivery that failed all its attempts starts over. */
const RESTART_MS = 30_000;

/** How often a tenant without a Telegram channel is looked at again; connecting one signals `channelRepaired` anyway. */
const NO_CHANNEL_MS = 3_600_000;

export interface Relay {
  /** New rows wait in the ledger. */
  wake(): void;
  /** The channel works again: parked deliveries are tried at once. */
  repaired(): void;
  /** No new delivery starts; resolves when none runs. A delivery that runs is waited for, never cut off in the middle. */
  stop(): Promise<void>;
}

/**
 * Delivers the conversation's ledger to its topic, one write after the other. Waits for flood-control slots and repairs with
 * durable timers; rows that are recorded meanwhile ride along with the next write. `onParked` is called once an outage.
 */
export function startRelay(
  ref: ConversationRef,
  state: ConversationState,
  { delivery }: Pick<Activities, 'delivery'>,
  onParked: (reason: string, count: number) => void,
): Relay {
  const relay = state.relay;
  const scope = new CancellationScope();
  let repairs = 0;

  async function run(): Promise<void> {
    for (;;) {
      await condition(() => relay.pending);
      try {
        await deliverOnce();
      } catch (error) {
        if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
        await pause(RESTART_MS, 'Deliveries failed; start over');
      }
    }
  }

  async function deliverOnce(): Promise<void> {
    const { reservation } = relay;
    // What is recorded while the delivery runs sets the flag again.
    relay.pending = false;
    let settled = false;
    try {
      const outcome = await delivery.deliverToTopic(reservation ? { ...ref, reservation } : ref);
      settled = outcome.kind === 'idle' || (outcome.kind === 'sent' && !outcome.more);
      delete relay.reservation;
      if (outcome.kind === 'parked') return await park(outcome.reason, outcome.retryMs);
      delete relay.parkedReason;
      if (outcome.kind === 'no_channel') await pause(NO_CHANNEL_MS, 'No Telegram channel is connected');
      if (outcome.kind === 'wait') {
        relay.reservation = outcome.reservation;
        await pause(outcome.waitMs, 'Wait for the next free Telegram slot');
      }
    } finally {
      relay.pending ||= !settled;
    }
  }

  async function park(reason: string, retryMs: number): Promise<void> {
    if (relay.parkedReason === undefined) {
      relay.parkedCount += 1;
      onParked(reason, relay.parkedCount);
    }
    relay.parkedReason = reason;
    await pause(retryMs, `Telegram deliveries are parked: ${reason}`);
  }

  /** Waits for the time, or for a repair. */
  async function pause(ms: number, summary: string): Promise<void> {
    const before = repairs;
    if (ms > 0) await condition(() => repairs > before, ms, { summary });
  }

  const running = scope.run(run).catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
  return {
    wake() {
      relay.pending = true;
    },
    repaired() {
      repairs += 1;
    },
    async stop() {
      scope.cancel();
      await running;
    },
  };
}
