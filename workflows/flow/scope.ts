import type { FlowDefinition } from '../../contracts/flow.ts';
import { FLOW_LIMITS } from '../../contracts/flowLimits.ts';
import { cutText } from './cutText.ts';
import type { FlowValue } from './types.ts';
import { variableDeclarations } from './variableDeclarations.ts';

/** What expressions and texts of one event read. `now` is epoch milliseconds, only for expressions. */
export interface FlowScope {
  values: Record<string, FlowValue>;
  now: number;
}

/** Variables as an event sees them: null where nothing set one yet, so that `order == null` is a question and no error. */
export function buildScope(
  flow: FlowDefinition,
  variables: Record<string, FlowValue>,
  builtIn: { visitorName?: string; message: string; now: number },
): FlowScope {
  const unset = Object.fromEntries(variableDeclarations(flow).map(({ name }) => [name, null]));
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
