import { ActivityFailure, CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import type { DeliverInput, DeliverOutcome } from '../../contracts/activities.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Activities } from './proxies.ts';
import type { Recording } from './recording.ts';
import type { ConversationState } from './state.ts';

/** After this long a delivery that failed all its attempts starts over. */
const RESTART_MS = 30_000;

/** A tenant without a Telegram channel is looked at again no sooner than this, with whatever happens then. */
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
  { delivery, recording }: Pick<Activities, 'delivery'> & { recording: Pick<Recording, 'over'> },
  onParked: (reason: string, count: number) => void,
): Relay {
  const relay = state.relay;
  const scope = new CancellationScope();
  let repaired = false;

  async function run(): Promise<void> {
    for (;;) {
      await condition(() => relay.pending);
      await recording.over();
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
    repaired = false;
    let settled = false;
    try {
      const outcome = await deliver(reservation ? { ...ref, reservation } : ref);
      settled = outcome.kind === 'idle' || (outcome.kind === 'sent' && !outcome.more);
      delete relay.reservation;
      if (outcome.kind === 'parked') return await park(outcome.reason, outcome.retryMs);
      // Waiting for a slot says nothing about a repair: the same outage goes on.
      if (outcome.kind !== 'wait') delete relay.parkedReason;
      if (outcome.kind === 'no_channel') await untilLater(NO_CHANNEL_MS);
      if (outcome.kind === 'wait') {
        relay.reservation = outcome.reservation;
        await sleep(outcome.waitMs, { summary: 'Wait for the next free Telegram slot' });
      }
    } finally {
      relay.pending ||= !settled;
    }
  }

  async function deliver(input: DeliverInput): Promise<DeliverOutcome> {
    try {
      return await delivery.deliverToTopic(input);
    } finally {
      await CancellationScope.nonCancellable(() => recording.over());
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

  /** Waits for the time, or for a repair; one that was signalled during the delivery counts. */
  async function pause(ms: number, summary: string): Promise<void> {
    await condition(() => repaired, Math.max(ms, 1), { summary });
  }

  /** The same without a timer: a conversation that rests for its retention is not woken for this. */
  async function untilLater(ms: number): Promise<void> {
    const at = Date.now() + ms;
    await condition(() => repaired || Date.now() >= at);
  }

  const running = scope.run(run).catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
  return {
    wake() {
      relay.pending = true;
    },
    repaired() {
      repaired = true;
    },
    async stop() {
      scope.cancel();
      await running;
    },
  };
}
