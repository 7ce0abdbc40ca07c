import type { FlowDefinition } from '../../contracts/flow.ts';
import { FLOW_LIMITS } from '../../contracts/flowLimits.ts';
import { cutText } from './cutText.ts';
import { groupNames } from './groupNames.ts';
import type { FlowValue } from './types.ts';

/** What expressions and texts of one event read. `now` is epoch milliseconds, only for expressions. */
export interface FlowScope {
  values: Record<string, FlowValue>;
  now: number;
}

/** Every variable that a flow knows: declared, or set by one of its steps or patterns. */
export function knownVariables(flow: FlowDefinition): Set<string> {
  const names = new Set(Object.keys(flow.variables));
  for (const trigger of flow.triggers) {
    if (trigger.on === 'regex') for (const name of groupNames(trigger.pattern)) names.add(name);
  }
  for (const step of Object.values(flow.steps)) {
    if (step.type === 'input') names.add(step.variable);
    else if (step.type === 'choices' && step.variable !== undefined) names.add(step.variable);
    else if (step.type === 'set') for (const name of Object.keys(step.values)) names.add(name);
  }
  return names;
}

/** Variables as an event sees them: null where nothing set one yet, so that `order == null` is a question and no error. */
export function buildScope(
  flow: FlowDefinition,
  variables: Record<string, FlowValue>,
  builtIn: { visitorName?: string; message: string; now: number },
): FlowScope {
  const unset = Object.fromEntries([...knownVariables(flow)].map((name) => [name, null]));
  return {
    values: {
      ...unset,
      ...flow.variables,
      ...variables,
      visitorName: builtIn.visitorName ?? null,
      message: cutText(builtIn.message, FLOW_LIMITS.valueLength),
    },
    now: builtIn.now,
  };
}
