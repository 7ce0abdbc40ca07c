import type { ErrorDetail } from '../contracts/errors.ts';
import type { FlowDefinition } from '../contracts/flow.ts';
import { findStep } from '../workflows/flow/walk.ts';
import { finding } from './finding.ts';
import { type Link, linksOfStep, linksOfTriggers } from './links.ts';

/** Links that lead to no step. */
export function checkDangling(flow: FlowDefinition): ErrorDetail[] {
  const links = [
    ...linksOfTriggers(flow),
    ...Object.entries(flow.steps).flatMap(([id, step]) => linksOfStep(id, step)),
  ];
  return links
    .filter((link) => !findStep(flow, link.target))
    .map((link) => finding(link.path, `there is no step "${link.target}"`));
}

/** Steps that no trigger leads to. */
export function checkUnreachable(flow: FlowDefinition): ErrorDetail[] {
  const reached = new Set<string>();
  const open = linksOfTriggers(flow).map((link) => link.target);
  for (let stepId = open.pop(); stepId !== undefined; stepId = open.pop()) {
    const step = findStep(flow, stepId);
    if (!step || reached.has(stepId)) continue;
    reached.add(stepId);
    open.push(...linksOfStep(stepId, step).map((link) => link.target));
  }
  return Object.keys(flow.steps)
    .filter((stepId) => !reached.has(stepId))
    .map((stepId) => finding(['steps', stepId], 'no trigger leads to this step'));
}

/**
 * Circles in which nothing waits for the visitor: they would run until the step limit, or, through a wait or an AI step,
 * write to a silent visitor for ever. The link that closes the circle is named.
 */
export function checkCircles(flow: FlowDefinition): ErrorDetail[] {
  const found: ErrorDetail[] = [];
  const finished = new Set<string>();
  for (const root of Object.keys(flow.steps)) searchCircle(flow, root, finished, found);
  return found;
}

/** Depth first, with a stack of its own, so that a long chain of steps cannot exhaust the call stack. */
function searchCircle(flow: FlowDefinition, root: string, finished: Set<string>, found: ErrorDetail[]): void {
  if (finished.has(root)) return;
  const trail = [{ stepId: root, links: autonomousLinks(flow, root) }];
  const onTrail = new Set([root]);
  for (let top = trail.at(-1); top; top = trail.at(-1)) {
    const link = top.links.pop();
    if (!link) {
      finished.add(top.stepId);
      onTrail.delete(top.stepId);
      trail.pop();
    } else if (onTrail.has(link.target)) {
      found.push(finding(link.path, `leads back to "${link.target}" without ever waiting for the visitor`));
    } else if (!finished.has(link.target)) {
      onTrail.add(link.target);
      trail.push({ stepId: link.target, links: autonomousLinks(flow, link.target) });
    }
  }
}

/** Links that are followed without the visitor doing anything. */
function autonomousLinks(flow: FlowDefinition, stepId: string): Link[] {
  const step = findStep(flow, stepId);
  return !step || step.type === 'choices' || step.type === 'input' ? [] : linksOfStep(stepId, step);
}
