import type { Counter } from 'prom-client';
import type { Db } from '../../db/createDb.ts';
import type { Session } from '../../db/queries/getSession.ts';
import { noteVisits, type Visit } from '../../db/queries/sessions/noteVisits.ts';
import { insertTelemetry, type TelemetryEvent } from '../../db/queries/telemetry/insertTelemetry.ts';
import { createBatchWriter } from './batchWriter.ts';
import { plainAddress } from './plainAddress.ts';

/** A crowd's worth; some 200 bytes each. */
const MAX_WAITING = 5_000;
const EVERY_MS = 1_000;

/** How far a visitor's clock is believed. */
const CLOCK_MS = 24 * 3_600_000;

/** When visitors were seen, and what their widgets saw. Nothing here makes a visitor wait, or fail. */
export interface Sightings {
  visited(session: Session, ip: string): void;
  saw(session: Session, event: { name: string; at: string }): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** `dropped` counts what could not be kept. */
export function createSightings(db: Db, dropped: Counter<'kind'>): Sightings {
  const limits = { maxItems: MAX_WAITING, everyMs: EVERY_MS };
  const visits = createBatchWriter<Visit>({
    ...limits,
    write: (tenantId, batch) => noteVisits(db, tenantId, batch),
    onDropped: (count) => dropped.inc({ kind: 'visit' }, count),
  });
  const telemetry = createBatchWriter<TelemetryEvent>({
    ...limits,
    write: (tenantId, batch) => insertTelemetry(db, tenantId, batch),
    onDropped: (count) => dropped.inc({ kind: 'telemetry' }, count),
  });

  return {
    visited({ tenantId, conversationId }, ip) {
      visits.add(tenantId, { conversationId, ip: plainAddress(ip), at: new Date() });
    },
    saw({ tenantId, siteId, conversationId }, { name, at }) {
      telemetry.add(tenantId, { siteId, conversationId, name, occurredAt: believable(new Date(at)) });
    },
    close: async () => void (await Promise.all([visits.close(), telemetry.close()])),
  };
}

/** Retention counts from it: a clock that is years ahead must not keep an event for years. */
function believable(at: Date): Date {
  const now = Date.now();
  return new Date(Math.min(Math.max(at.getTime(), now - CLOCK_MS), now));
}
