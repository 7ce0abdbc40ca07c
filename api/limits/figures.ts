import { InvalidEnvironmentError } from '../../config/env.ts';
import {
  FRAME_LIMITS,
  type FrameLimitName,
  type LimitName,
  RATE_LIMITS,
  type RateLimit,
  type RateLimitName,
  SLOT_LIMITS,
  type SlotLimit,
  type SlotLimitName,
} from './table.ts';

/** The table with an installation's own points. */
type Figures = Record<RateLimitName, RateLimit> &
  Record<SlotLimitName, SlotLimit> &
  Record<FrameLimitName, Omit<RateLimit, 'backoff'>>;

const TABLE: Figures = { ...RATE_LIMITS, ...SLOT_LIMITS, ...FRAME_LIMITS };

/** Throws for a name that the table does not know: a slip of the operator's must not pass for a limit. */
export function figuresWith(overrides: Readonly<Record<string, number>>): Figures {
  const unknown = Object.keys(overrides).filter((name) => !isLimitName(name));
  if (unknown.length > 0) throw new InvalidEnvironmentError(`LIMITS names what is no limit: ${unknown.join(', ')}`);
  const figures = Object.entries(TABLE).map(([name, limit]) => [
    name,
    { ...limit, points: overrides[name] ?? limit.points },
  ]);
  return Object.fromEntries(figures) as Figures;
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(TABLE, name);
}
