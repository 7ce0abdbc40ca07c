import type { ErrorDetail } from '../contracts/errors.ts';
import type { FlowDefinition } from '../contracts/flow.ts';
import { FLOW_LIMITS } from '../contracts/flowLimits.ts';
import { wholeAnswer } from '../workflows/flow/checkInput.ts';
import { finding, type JsonPath } from './finding.ts';
import { patternDanger } from './patternDanger.ts';

/** Patterns that are not valid, could stall the worker, or name their groups as no variable can be named. */
export function checkPatterns(flow: FlowDefinition): ErrorDetail[] {
  const patterns = patternsOf(flow);
  if (patterns.length > FLOW_LIMITS.patterns) {
    return [finding([], `the flow has ${patterns.length} patterns; ${FLOW_LIMITS.patterns} are allowed`)];
  }
  return patterns.flatMap(({ pattern, path }) => {
    const danger = patternDanger(pattern) ?? groupDanger(pattern);
    return danger === undefined ? [] : [finding(path, danger)];
  });
}

function patternsOf(flow: FlowDefinition): { pattern: string; path: JsonPath }[] {
  const ofTriggers = flow.triggers.flatMap((trigger, index) =>
    trigger.on === 'regex' ? [{ pattern: trigger.pattern, path: ['triggers', index, 'pattern'] }] : [],
  );
  const ofInputs = Object.entries(flow.steps).flatMap(([stepId, step]) =>
    step.type === 'input' && step.validation.kind === 'regex'
      ? [{ pattern: wholeAnswer(step.validation.pattern), path: ['steps', stepId, 'validation', 'pattern'] }]
      : [],
  );
  return [...ofTriggers, ...ofInputs];
}

function groupDanger(pattern: string): string | undefined {
  // The empty alternative always matches, so that the names of all groups can be read.
  const groups = new RegExp(`(?:${pattern})|`, 'iu').exec('')?.groups ?? {};
  const bad = Object.keys(groups).find((name) => !/^[A-Za-z]\w{0,39}$/.test(name));
  return bad === undefined ? undefined : `the group "${bad}" must be named like a variable: letters, digits and "_"`;
}
