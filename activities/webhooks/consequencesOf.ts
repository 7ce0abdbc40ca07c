import type { WebhookOutcome } from '../../channels/webhook/sendWebhook.ts';
import type { Consequences } from '../../db/queries/webhooks/settleAttempt.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** 5 s, 15 s, 45 s, … and from the ninth on every 6 h: some 20 attempts in the three days. */
const FIRST_DELAY_MS = 5 * SECOND_MS;
const FACTOR = 3;
const LONGEST_DELAY_MS = 6 * HOUR_MS;
/** Each delay is this part longer or shorter, so that what failed together does not come back together. */
const JITTER = 0.2;

/** A receiver may ask to be left alone that long, not longer. */
const LONGEST_HOLD_MS = 6 * HOUR_MS;

/** An endpoint that failed so often in a row gets one event at a time, first after 10 s, then ever more seldom. */
export const PROBE_AFTER = 8;
const FIRST_PROBE_MS = 10 * SECOND_MS;
const LONGEST_PROBE_MS = 600 * SECOND_MS;

/** An endpoint of which every attempt failed for that long is disabled. */
const DISABLE_AFTER_MS = 5 * 24 * HOUR_MS;

/** What follows from a failed attempt at `now`. `random` is in [0, 1). */
export function consequencesOf(outcome: WebhookOutcome, now: number, random = Math.random): Consequences {
  const asked = Math.min(outcome.retryAfterMs ?? 0, LONGEST_HOLD_MS);
  return ({ attempts, failures, failingSince }) => {
    const delay = Math.min(FIRST_DELAY_MS * FACTOR ** (attempts - 1), LONGEST_DELAY_MS);
    const jittered = delay * (1 + JITTER * (2 * random() - 1));
    const hold = Math.max(asked, probeDelay(failures));
    return {
      nextAttemptAt: new Date(now + Math.round(Math.max(jittered, asked))),
      holdUntil: hold > 0 ? new Date(now + hold) : null,
      disable: disabledBy(outcome, now - failingSince.getTime()),
    };
  };
}

function probeDelay(failures: number): number {
  return failures < PROBE_AFTER ? 0 : Math.min(FIRST_PROBE_MS * 2 ** (failures - PROBE_AFTER), LONGEST_PROBE_MS);
}

/** 410 is how the convention lets a receiver say that it is no more. */
function disabledBy({ error }: WebhookOutcome, failingMs: number) {
  if (error === 'gone') return 'gone';
  return failingMs >= DISABLE_AFTER_MS ? 'failing' : null;
}
