import type { ErrorDetail } from '../contracts/errors.ts';
import type { FlowDefinition } from '../contracts/flow.ts';
import { checkExpressions } from './checkExpressions.ts';
import { checkCircles, checkDangling, checkUnreachable } from './checkLinks.ts';
import { checkPatterns } from './checkPatterns.ts';
import { checkRanges } from './checkRanges.ts';
import { checkTexts } from './checkTexts.ts';
import { checkButtons, checkUniqueness } from './checkUniqueness.ts';
import { checkVariables } from './checkVariables.ts';

export interface FlowFindings {
  /** The flow cannot run as it is. */
  errors: ErrorDetail[];
  /** It runs, but hardly as it was meant. */
  warnings: ErrorDetail[];
}

/** What a flow's schema cannot say: links, circles, duplicates, variables, texts, expressions and patterns. */
export function validateFlow(flow: FlowDefinition): FlowFindings {
  const names = checkVariables(flow);
  return {
    errors: [
      ...checkDangling(flow),
      ...checkCircles(flow),
      ...checkUniqueness(flow),
      ...checkRanges(flow),
      ...names,
      ...checkTexts(flow),
      // A reserved name cannot be registered, so expressions are judged only once all names are good.
      ...(names.length === 0 ? checkExpressions(flow) : []),
      ...checkPatterns(flow),
    ],
    warnings: [...checkUnreachable(flow), ...checkButtons(flow)],
  };
}
