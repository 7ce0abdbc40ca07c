import type { Environment } from '@marcbachmann/cel-js';
import type { ErrorDetail } from '../contracts/errors.ts';
import type { FlowDefinition } from '../contracts/flow.ts';
import { createCheckingEnvironment } from '../workflows/flow/expression.ts';
import { variableDeclarations } from '../workflows/flow/variableDeclarations.ts';
import { expressionDangers } from './expressionDangers.ts';
import { finding, type JsonPath } from './finding.ts';

const STORABLE = ['bool', 'int', 'uint', 'double', 'string', 'null', 'dyn'];

/** Expressions that do not parse, name unknown variables or functions, yield the wrong type, or could run too long. */
export function checkExpressions(flow: FlowDefinition): ErrorDetail[] {
  const environment = environmentOf(flow);
  return Object.entries(flow.steps).flatMap(([stepId, step]) => {
    if (step.type === 'condition') return checkOne(environment, step.when, ['bool', 'dyn'], ['steps', stepId, 'when']);
    if (step.type !== 'set') return [];
    return Object.entries(step.values).flatMap(([name, value]) =>
      value !== null && typeof value === 'object'
        ? checkOne(environment, value.cel, STORABLE, ['steps', stepId, 'values', name, 'cel'])
        : [],
    );
  });
}

function environmentOf(flow: FlowDefinition): Environment {
  const environment = createCheckingEnvironment();
  const names = new Set(['visitorName', 'message', ...variableDeclarations(flow).map(({ name }) => name)]);
  for (const name of names) environment.registerVariable(name, 'dyn');
  return environment;
}

function checkOne(environment: Environment, source: string, types: string[], path: JsonPath): ErrorDetail[] {
  const checked = environment.check(source);
  if (!checked.valid) return [finding(path, checked.error?.summary ?? 'is no valid expression')];
  if (checked.type !== undefined && !types.includes(checked.type)) {
    return [finding(path, `yields ${checked.type}; expected ${types.join(', ')}`)];
  }
  return expressionDangers(environment.parse(source).ast).map((danger) => finding(path, danger));
}
