import { Counter, Registry } from 'prom-client';
import { createLimits, type Limits, type LimitsOptions } from '../../api/limits/createLimits.ts';

/** Limits of one instance with counters of its own; without a Redis it counts in memory. */
export function testLimits(options: Partial<LimitsOptions> = {}): Limits {
  const refusals = new Counter({
    name: 'refusals',
    help: 'refusals',
    labelNames: ['limit'],
    registers: [new Registry()],
  });
  return createLimits({ prefix: 'test', instances: 1, overrides: {}, refusals, ...options });
}
