import { Context } from '@temporalio/activity';
import type { BaseLogger } from 'pino';
import type { SendWebhook, WebhookOutcome } from '../../channels/webhook/sendWebhook.ts';
import type { WebhookActivities, WebhookRef } from '../../contracts/webhookDelivery.ts';
import type { Db } from '../../db/createDb.ts';
import { beginRound, type DueEvent, type Round } from '../../db/queries/webhooks/beginRound.ts';
import { endNotice } from '../../db/queries/webhooks/endNotice.ts';
import { listOverdueWebhooks } from '../../db/queries/webhooks/listOverdueWebhooks.ts';
import { nextDue } from '../../db/queries/webhooks/nextDue.ts';
import { putOff } from '../../db/queries/webhooks/putOff.ts';
import { type Settled, settleAttempt } from '../../db/queries/webhooks/settleAttempt.ts';
import type { Words } from '../../db/words.ts';
import { whileHeartbeating } from '../whileHeartbeating.ts';
import { announceDisabled, type NoticeMailer } from './announceDisabled.ts';
import { composeEvent } from './composeEvent.ts';
import { consequencesOf, PROBE_AFTER } from './consequencesOf.ts';
import { workflowClock } from './workflowClock.ts';

export interface WebhookDependencies {
  db: Db;
  words: Pick<Words, 'messages'>;
  /** Opens endpoints' secrets. */
  open(tenantId: string, sealed: Buffer): Promise<string>;
  send: SendWebhook;
  /** Resolves once the endpoint's workflow is sure to look for what is due. */
  wake(ref: WebhookRef): Promise<void>;
  /** Takes notices to administrators; without it, log, metric and audit log have to do. */
  mailer?: NoticeMailer | undefined;
  logger?: Pick<BaseLogger, 'error'>;
}

const HEARTBEAT_EVERY_MS = 3_000;

/** Of one call: half a minute for an endpoint that answers, and never more than a few minutes for one that hangs. */
const BATCH = 64;
/** Requests to one endpoint at once. */
const AT_ONCE = 8;

/** Until somebody has brought the key back, or the event's time is over. */
const UNREADABLE_PAUSE_MS = 600_000;

/** The steps of deliveries. What arrived and was not noted down, because the worker died, is sent again: at least once. */
export function createWebhookActivities(dependencies: WebhookDependencies): WebhookActivities {
  const { db, wake, mailer, logger } = dependencies;

  /** The workflow of one that is left alone sleeps until that is over: waking it changes nothing, and costs it a round. */
  async function wakeUnlessHeld(ref: WebhookRef): Promise<void> {
    const dueAt = await nextDue(db, ref);
    if (dueAt === null || dueAt.getTime() <= Date.now()) await wake(ref);
  }

  return {
    deliverDue: ({ now, ...ref }) =>
      whileHeartbeating(HEARTBEAT_EVERY_MS, async () => {
        const clock = workflowClock(now);
        const { round, noticeDue } = await beginRound(db, ref, new Date(clock()), {
          batch: BATCH,
          probeAfter: PROBE_AFTER,
        });
        if (!round) return { nextAt: null, noticeDue };
        const disabled = await deliverAll(dependencies, ref, round, clock);
        if (disabled) {
          logger?.error({ tenant_id: ref.tenantId, webhook_id: ref.endpointId, reason: disabled }, 'webhook disabled');
        }
        // Of one that is disabled now the next round gives up what is pending, and tells of it.
        return { nextAt: disabled ? clock() : ((await nextDue(db, ref))?.getTime() ?? null), noticeDue };
      }),

    announceDisabled: (ref) =>
      whileHeartbeating(HEARTBEAT_EVERY_MS, async () => {
        await announceDisabled(db, mailer, ref);
        await endNotice(db, ref);
      }),

    async wakeOverdue({ after, limit }) {
      const overdue = await listOverdueWebhooks(db, { after, limit });
      await Promise.all(overdue.map(wakeUnlessHeld));
      return overdue.length < limit ? null : (overdue.at(-1) ?? null);
    },
  };
}

/** Sends what is due, some at once, until all is sent or the endpoint is to be left alone. Returns why it was disabled. */
async function deliverAll(
  { db, words, open, send, logger }: WebhookDependencies,
  ref: WebhookRef,
  round: Round,
  clock: () => number,
): Promise<Settled['disabled']> {
  if (round.due.length === 0) return null;
  const { tenantId } = ref;
  const secrets = await Promise.all(secretsOf(round, clock()).map((sealed) => open(tenantId, sealed)));
  const queue = [...round.due];
  let disabled: Settled['disabled'] = null;

  async function deliver(event: DueEvent, body: string): Promise<void> {
    const request = { url: round.url, id: event.eventId, body, secrets };
    const attemptedAt = new Date(Math.round(clock()));
    const outcome = await send(request, Context.current().cancellationSignal);
    const attempt = { ...ref, ...attemptOf(event, outcome), attemptedAt };
    const settled = await settleAttempt(db, attempt, {
      consequencesOf: consequencesOf(outcome, clock()),
      awayAfter: PROBE_AFTER,
    });
    disabled ??= settled.disabled;
    if (settled.stopped) queue.length = 0;
  }

  /** What cannot be opened holds up nothing else. */
  async function bodyOf(event: DueEvent): Promise<string | undefined> {
    try {
      return await composeEvent(words, tenantId, event);
    } catch (err) {
      logger?.error({ err, tenant_id: tenantId, event_id: event.eventId }, 'an event for a webhook cannot be opened');
      await putOff(db, { ...ref, eventId: event.eventId }, new Date(clock() + UNREADABLE_PAUSE_MS));
      return undefined;
    }
  }

  async function takeTurns(): Promise<void> {
    for (let event = queue.shift(); event; event = queue.shift()) {
      const body = await bodyOf(event);
      if (body !== undefined) await deliver(event, body);
    }
  }

  // What cannot be noted down must not be sent: it would be sent again.
  const turns = () =>
    takeTurns().catch((error: unknown) => {
      queue.length = 0;
      throw error;
    });
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, turns));
  const failure = ended.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
  return disabled;
}

function secretsOf({ secret, previousSecret, previousSecretUntil }: Round, now: number): Buffer[] {
  const overlaps = previousSecret && previousSecretUntil && previousSecretUntil.getTime() > now;
  return overlaps ? [secret, previousSecret] : [secret];
}

function attemptOf({ eventId, conversationId, name }: DueEvent, outcome: WebhookOutcome) {
  const { status = null, error = null, answer = null, durationMs } = outcome;
  return { eventId, conversationId, event: name, status, error, answer, durationMs };
}
