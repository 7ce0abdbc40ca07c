import { Context } from '@temporalio/activity';
import type { BaseLogger } from 'pino';
import type { SendWebhook, WebhookOutcome } from '../../channels/webhook/sendWebhook.ts';
import type { WebhookActivities, WebhookRef } from '../../contracts/webhookDelivery.ts';
import type { Db } from '../../db/createDb.ts';
import { beginRound, type DueEvent, type Round } from '../../db/queries/webhooks/beginRound.ts';
import { endNotice } from '../../db/queries/webhooks/endNotice.ts';
import { listOverdueWebhooks } from '../../db/queries/webhooks/listOverdueWebhooks.ts';
import { nextDue } from '../../db/queries/webhooks/nextDue.ts';
import { type Settled, settleAttempt } from '../../db/queries/webhooks/settleAttempt.ts';
import type { Words } from '../../db/words.ts';
import { whileHeartbeating } from '../whileHeartbeating.ts';
import { announceDisabled, type NoticeMailer } from './announceDisabled.ts';
import { composeEvent } from './composeEvent.ts';
import { consequencesOf, PROBE_AFTER } from './consequencesOf.ts';

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

/** The steps of deliveries. What arrived and was not noted down, because the worker died, is sent again: at least once. */
export function createWebhookActivities(dependencies: WebhookDependencies): WebhookActivities {
  const { db, wake, mailer, logger } = dependencies;

  return {
    deliverDue: ({ now, ...ref }) =>
      whileHeartbeating(HEARTBEAT_EVERY_MS, async () => {
        const startedAt = performance.now();
        const clock = () => now + performance.now() - startedAt;
        const { round, noticeDue } = await beginRound(db, ref, new Date(now), {
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
      await Promise.all(overdue.map(wake));
      return overdue.length < limit ? null : (overdue.at(-1) ?? null);
    },
  };
}

/** Sends what is due, some at once, until all is sent or the endpoint is to be left alone. Returns why it was disabled. */
async function deliverAll(
  { db, words, open, send }: WebhookDependencies,
  ref: WebhookRef,
  round: Round,
  clock: () => number,
): Promise<Settled['disabled']> {
  if (round.due.length === 0) return null;
  const { tenantId } = ref;
  const secrets = await Promise.all(secretsOf(round, clock()).map((sealed) => open(tenantId, sealed)));
  const queue = [...round.due];
  let disabled: Settled['disabled'] = null;

  async function deliver(event: DueEvent): Promise<void> {
    const body = await composeEvent(words, tenantId, event);
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

  async function takeTurns(): Promise<void> {
    for (let event = queue.shift(); event; event = queue.shift()) await deliver(event);
  }

  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, takeTurns));
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
