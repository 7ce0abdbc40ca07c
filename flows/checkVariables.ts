import type { ErrorDetail } from '../contracts/errors.ts';
import type { FlowDefinition } from '../contracts/flow.ts';
import { BUILT_IN_VARIABLES, FLOW_LIMITS } from '../contracts/flowLimits.ts';
import { createCheckingEnvironment } from '../workflows/flow/expression.ts';
import { variableDeclarations } from '../workflows/flow/variableDeclarations.ts';
import { finding } from './finding.ts';

/** Names that CEL or the interpreter keeps for itself, and too many variables. */
export function checkVariables(flow: FlowDefinition): ErrorDetail[] {
  const declarations = variableDeclarations(flow);
  const reserved = declarations
    .filter(({ name }) => isReserved(name))
    .map(({ name, path }) => finding(path, `"${name}" is a reserved name`));
  const count = new Set(declarations.map(({ name }) => name)).size;
  return count <= FLOW_LIMITS.variables
    ? reserved
    : [...reserved, finding([], `the flow has ${count} variables; ${FLOW_LIMITS.variables} are allowed`)];
}

function isReserved(name: string): boolean {
  if (BUILT_IN_VARIABLES.some((builtIn) => builtIn === name)) return true;
  try {
    const checked = createCheckingEnvironment().registerVariable(name, 'dyn').check(name);
    // `true` or `null` can be registered, but still mean themselves.
    return !checked.valid || checked.type !== 'dyn';
  } catch {
    return true;
  }
}
