import { Environment } from '@marcbachmann/cel-js';
import { FLOW_LIMITS } from '../../contracts/flowLimits.ts';
import type { FlowScope } from './scope.ts';
import type { FlowValue } from './types.ts';

/** Bounds of one expression: an author of one tenant must not be able to stall the worker of all. */
const OPTIONS = {
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 200, maxDepth: 20, maxListElements: 50, maxMapEntries: 20, maxCallArguments: 8 },
};

const OPERATIONS: Record<string, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

/** CEL keeps int and double apart; authors do not know which one `price * 2` mixes. */
function withMixedArithmetic(environment: Environment): Environment {
  for (const [sign, apply] of Object.entries(OPERATIONS)) {
    const mixed = (left: number | bigint, right: number | bigint) => apply(Number(left), Number(right));
    environment.registerOperator(`int ${sign} double`, mixed);
    environment.registerOperator(`double ${sign} int`, mixed);
  }
  return environment;
}

// The workflow sandbox replaces Date but leaves the prototype pointing at the original, by which CEL knows a timestamp.
Date.prototype.constructor = Date;

/** An environment that refuses variables which nobody registered: for checking flows before they are accepted. */
export function createCheckingEnvironment(): Environment {
  return withMixedArithmetic(new Environment(OPTIONS)).registerVariable('now', 'google.protobuf.Timestamp');
}

const running = withMixedArithmetic(new Environment({ ...OPTIONS, unlistedVariablesAreDyn: true }));

export type Evaluation = { ok: true; value: FlowValue } | { ok: false };

/** Evaluates a CEL expression. Not ok when it fails or yields what no variable can hold; never throws. */
export function evaluateExpression(source: string, scope: FlowScope): Evaluation {
  try {
    const result: unknown = running.evaluate(source, { ...toCel(scope.values), now: new Date(scope.now) });
    return fromCel(result);
  } catch {
    return { ok: false };
  }
}

function toCel(values: Record<string, FlowValue>): Record<string, FlowValue | bigint> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number.isSafeInteger(value) ? BigInt(Number(value)) : value]),
  );
}

function fromCel(result: unknown): Evaluation {
  if (typeof result === 'bigint') return fromCel(Number(result));
  if (typeof result === 'number') {
    const storable = Number.isFinite(result) && Math.abs(result) <= Number.MAX_SAFE_INTEGER;
    // Adding 0 turns -0 into 0, which JSON cannot tell apart.
    return storable ? { ok: true, value: result + 0 } : { ok: false };
  }
  if (typeof result === 'string') {
    return result.length <= FLOW_LIMITS.valueLength ? { ok: true, value: result } : { ok: false };
  }
  return result === null || typeof result === 'boolean' ? { ok: true, value: result } : { ok: false };
}
