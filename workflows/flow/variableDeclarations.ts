import type { FlowDefinition } from '../../contracts/flow.ts';

export interface VariableDeclaration {
  name: string;
  /** Where in the definition it stands. */
  path: (string | number)[];
}

/** Every place where a flow makes a variable: declared, or set by one of its steps or by a pattern's named group. */
export function variableDeclarations(flow: FlowDefinition): VariableDeclaration[] {
  const declared = Object.keys(flow.variables).map((name) => ({ name, path: ['variables', name] }));
  const captured = flow.triggers.flatMap((trigger, index) =>
    trigger.on === 'regex'
      ? groupNames(trigger.pattern).map((name) => ({ name, path: ['triggers', index, 'pattern'] }))
      : [],
  );
  const set = Object.entries(flow.steps).flatMap(([stepId, step]): VariableDeclaration[] => {
    if (step.type === 'set') {
      return Object.keys(step.values).map((name) => ({ name, path: ['steps', stepId, 'values', name] }));
    }
    const takes = step.type === 'input' || step.type === 'choices' ? step.variable : undefined;
    return takes === undefined ? [] : [{ name: takes, path: ['steps', stepId, 'variable'] }];
  });
  return [...declared, ...captured, ...set];
}

function groupNames(pattern: string): string[] {
  return [...pattern.matchAll(/\(\?<([A-Za-z]\w*)>/g)].flatMap((match) => match[1] ?? []);
}
