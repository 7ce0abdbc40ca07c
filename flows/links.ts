import type { FlowDefinition, FlowStep } from '../contracts/flow.ts';
import type { JsonPath } from './finding.ts';

/** A reference from one place of a flow to the step `target`. */
export interface Link {
  target: string;
  path: JsonPath;
}

/** Where a step may lead. */
export function linksOfStep(stepId: string, step: FlowStep): Link[] {
  const links: Link[] = [];
  const add = (target: string | undefined, ...path: (string | number)[]) => {
    if (target !== undefined) links.push({ target, path: ['steps', stepId, ...path] });
  };
  if (step.type === 'choices') step.options.forEach((option, index) => add(option.next, 'options', index, 'next'));
  if ('next' in step) add(step.next, 'next');
  if ('otherwise' in step) add(step.otherwise, 'otherwise');
  return links;
}

/** Where a flow's triggers lead. */
export function linksOfTriggers(flow: FlowDefinition): Link[] {
  return flow.triggers.map((trigger, index) => ({ target: trigger.start, path: ['triggers', index, 'start'] }));
}
