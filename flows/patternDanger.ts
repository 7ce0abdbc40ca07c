import { RegExpParser } from '@eslint-community/regexpp';
import { FLOW_LIMITS } from '../contracts/flowLimits.ts';
import { patternCost } from './patternCost.ts';

/** A pattern at this bound was measured to take less than 0.2 s; most take microseconds. */
const MOST_STEPS = 5e8;

/** Why a pattern (flags `iu`) must not run over a visitor's text in a worker that others share; undefined when it may. */
export function patternDanger(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'iu');
  } catch {
    return 'is no valid pattern';
  }
  const tree = new RegExpParser().parsePattern(pattern, 0, pattern.length, { unicode: true });
  const steps = patternCost(tree, FLOW_LIMITS.matchedLength);
  if (steps <= MOST_STEPS) return undefined;
  return Number.isFinite(steps)
    ? 'could take seconds on a long text: avoid several repeats that can match the same characters'
    : 'could take for ever on a long text: avoid repeats within repeats, back references and look-around';
}
