import type { ErrorDetail } from '../contracts/errors.ts';
import type { FlowDefinition } from '../contracts/flow.ts';
import { finding } from './finding.ts';

/** Inputs that no answer can satisfy, because `min` is above `max`. */
export function checkRanges(flow: FlowDefinition): ErrorDetail[] {
  return Object.entries(flow.steps).flatMap(([stepId, step]) => {
    if (step.type !== 'input' || (step.validation.kind !== 'text' && step.validation.kind !== 'number')) return [];
    const { min = -Infinity, max = Infinity } = step.validation;
    return min > max ? [finding(['steps', stepId, 'validation', 'min'], 'must not be above "max"')] : [];
  });
}
