import { ActivityFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { DeliverInput, DeliverOutcome } from '../../contracts/activities.ts';
import { parkedRetryMs } from '../../contracts/deliveryRetry.ts';
import type { LedgerChange } from '../../contracts/ledger.ts';
import type { OutboxPriority } from '../../contracts/outboxPriority.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Activities } from './proxies.ts';
import type { Recording } from './recording.ts';
import type { ConversationState } from './state.ts';

/** After this long a delivery that failed all its attempts starts over. */
const RESTART_MS = 30_000;

/** Where there is no channel, it is looked for once more after this long: a connection made just before holds everywhere by then. */
const NO_CHANNEL_MS = 5_000;

/**
 * Who connects a channel tells every conversation that waits for one, so looks after that are for what was not heard: after this
 * long, then twice as long each time, sooner only with new words. A tenant that has no Telegram pays next to nothing for them.
 */
const NO_CHANNEL_AGAIN_MS = 10 * 60_000;

/** A conversation that rests for its retention is hardly woken by a channel that never comes. */
const LONGEST_NO_CHANNEL_MS = 24 * 3_600_000;

export interface Relay {
  /** New rows wait in the ledger, the most urgent of them with this priority. */
  wake(priority: OutboxPriority): void;
  /** An operator wants something of a row: done before the next delivery, without waiting for anything else. */
  change(change: LedgerChange): void;
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
  let overtaken = false;
  let grown = false;

  async function run(): Promise<void> {
    for (;;) {
      await condition(() => relay.pending || isAsked());
      await recording.over();
      try {
        await applyChanges();
        if (relay.pending) await deliverOnce();
      } catch (error) {
        if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
        await pause(RESTART_MS, 'Deliveries failed; start over');
      }
    }
  }

  const isAsked = () => relay.changes !== undefined;

  async function applyChanges(): Promise<void> {
    while (relay.changes) {
      const [change, ...later] = relay.changes;
      if (change) await delivery.changeLedger({ ...ref, change });
      await recording.over();
      // One that came meanwhile stands at the end.
      const left = [...later, ...relay.changes.slice(1 + later.length)];
      if (left.length > 0) relay.changes = left;
      else delete relay.changes;
      relay.pending = true;
      relay.repaired = true;
    }
  }

  function nextInput(): DeliverInput {
    const { repaired, outageTries: tries } = relay;
    return { ...ref, ...(repaired && { repaired }), ...(tries && { tries }) };
  }

  async function deliverOnce(): Promise<void> {
    const input = nextInput();
    // What is recorded, or repaired, while the delivery runs sets its flag again.
    relay.pending = false;
    delete relay.repaired;
    grown = false;
    let settled = false;
    try {
      const outcome = await deliver(input);
      settled = outcome.kind === 'idle' || (outcome.kind === 'sent' && !outcome.more);
      if (outcome.kind === 'parked') return await park(outcome);
      if (outcome.kind === 'wait') return await waitForTurn(outcome);
      // One bot's refusal, or the topic's creation, says nothing about a repair: the same outage goes on.
      if (settled || (outcome.kind === 'sent' && outcome.settled > 0)) {
        delete relay.parkedReason;
        delete relay.outageTries;
      }
      if (outcome.kind === 'no_channel') await awaitChannel();
    } finally {
      relay.pending ||= !settled;
    }
  }

  async function waitForTurn({ waitMs, priority }: DeliverOutcome & { kind: 'wait' }): Promise<void> {
    relay.waitingAs = priority;
    overtaken = false;
    await condition(() => overtaken || relay.repaired || isAsked(), waitMs, {
      summary: 'Wait for the next free Telegram slot',
    });
    delete relay.waitingAs;
  }

  async function deliver(input: DeliverInput): Promise<DeliverOutcome> {
    try {
      return await delivery.deliverToTopic(input);
    } finally {
      await CancellationScope.nonCancellable(() => recording.over());
    }
  }

  async function park({ reason, retryMs }: DeliverOutcome & { kind: 'parked' }): Promise<void> {
    if (relay.parkedReason === undefined) {
      relay.parkedCount += 1;
      onParked(reason, relay.parkedCount);
    }
    relay.parkedReason = reason;
    await pause(parkedRetryMs(retryMs, countTry()), `Telegram deliveries are parked: ${reason}`);
  }

  /** New words end only the part of a rest that is longer than `NO_CHANNEL_AGAIN_MS`. */
  async function awaitChannel(): Promise<void> {
    const tries = countTry();
    const restMs =
      tries === 0 ? NO_CHANNEL_MS : Math.min(NO_CHANNEL_AGAIN_MS * 2 ** (tries - 1), LONGEST_NO_CHANNEL_MS);
    const firstMs = Math.min(restMs, NO_CHANNEL_AGAIN_MS);
    const summary = 'There is no Telegram channel';
    await pause(firstMs, summary);
    if (restMs > firstMs) await condition(() => grown || relay.repaired || isAsked(), restMs - firstMs, { summary });
  }

  /** How often the outage was met before. */
  function countTry(): number {
    const tries = relay.outageTries ?? 0;
    relay.outageTries = tries + 1;
    return tries;
  }

  /** Waits for the time, or for a repair; one that was signalled during the delivery counts. */
  async function pause(ms: number, summary: string): Promise<void> {
    await condition(() => relay.repaired || isAsked(), Math.max(ms, 1), { summary });
  }

  const running = scope.run(run).catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
  return {
    wake(priority) {
      relay.pending = true;
      grown = true;
      overtaken ||= relay.waitingAs !== undefined && priority < relay.waitingAs;
    },
    change(change) {
      relay.changes = [...(relay.changes ?? []), change];
    },
    repaired() {
      relay.repaired = true;
    },
    async stop() {
      scope.cancel();
      await running;
    },
  };
}
