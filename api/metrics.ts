import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** From a third of the goal (6 ms) to the engine's deadline. */
const ACK_BUCKETS_SECONDS = [0.002, 0.004, 0.006, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export interface ApiMetrics {
  registry: Registry;
  /** Message received → durable; its count is the number of acknowledgements. */
  ackSeconds: Histogram;
  sockets: Gauge;
  /** Refusals and failures that a client was told of, by `code` and `transport` (http, ws). */
  errors: Counter<'code' | 'transport'>;
  /** Refusals by the `limit` that was exceeded. */
  rateLimited: Counter<'limit'>;
  /** Starts that had to pay with work, by `outcome` (required, invalid, solved). */
  proofsOfWork: Counter<'outcome'>;
  /** What widgets report, by `name`. */
  widgetEvents: Counter<'name'>;
  /** Visits and telemetry that could not be kept, by `kind`. */
  dropped: Counter<'kind'>;
  /** Messages that came to a socket from Postgres because the hub had not brought them. */
  caughtUp: Counter;
}

/** Metrics of one API instance, in a registry of its own. */
export function createMetrics(options: { processMetrics: boolean }): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  return {
    registry,
    ackSeconds: new Histogram({
      name: 'parley_message_ack_seconds',
      help: 'Time from a visitor message to its durable acceptance',
      buckets: ACK_BUCKETS_SECONDS,
      registers,
    }),
    sockets: new Gauge({ name: 'parley_sockets', help: 'Open sockets of visitors', registers }),
    errors: new Counter({
      name: 'parley_errors_total',
      help: 'Errors that clients were told of',
      labelNames: ['code', 'transport'],
      registers,
    }),
    rateLimited: new Counter({
      name: 'parley_rate_limited_total',
      help: 'Refusals because a limit was exceeded',
      labelNames: ['limit'],
      registers,
    }),
    proofsOfWork: new Counter({
      name: 'parley_proof_of_work_total',
      help: 'Starts that had to pay with work',
      labelNames: ['outcome'],
      registers,
    }),
    widgetEvents: new Counter({
      name: 'parley_widget_events_total',
      help: 'Events that widgets reported',
      labelNames: ['name'],
      registers,
    }),
    dropped: new Counter({
      name: 'parley_sightings_dropped_total',
      help: 'Visits and telemetry that could not be kept',
      labelNames: ['kind'],
      registers,
    }),
    caughtUp: new Counter({
      name: 'parley_caught_up_messages_total',
      help: 'Messages read from Postgres because the hub had not brought them',
      registers,
    }),
  };
}
