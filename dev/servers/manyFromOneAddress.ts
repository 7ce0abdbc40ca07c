import { RATE_LIMITS, SLOT_LIMITS } from '../../api/limits/table.ts';

const ENOUGH = 100_000_000;

/**
 * LIMITS for tests and benchmarks, where a crowd of visitors has one address and one tenant. What holds for one conversation
 * and one socket stays as it is.
 */
export const MANY_FROM_ONE_ADDRESS = [...Object.keys(RATE_LIMITS), ...Object.keys(SLOT_LIMITS)]
  .filter((name) => /^(ip|site|tenant)\./.test(name))
  .map((name) => `${name}=${ENOUGH}`)
  .join(',');
