import { RegExpParser } from '@eslint-community/regexpp';
import { FLOW_LIMITS } from '../contracts/flowLimits.ts';
import { patternCost } from './patternCost.ts';

/** Node 20 took up to 25 ns a step, so half a second at worst; patterns as they are usually written take microseconds. */
const MOST_STEPS = 2e7;

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
