import type { ErrorDetail } from '../contracts/errors.ts';
import { type FlowDefinition, flowDefinitionSchema } from '../contracts/flow.ts';
import { FLOW_LIMITS } from '../contracts/flowLimits.ts';
import { finding } from './finding.ts';
import { validateFlow } from './validateFlow.ts';

export type FlowParseResult =
  | { ok: true; flow: FlowDefinition; warnings: ErrorDetail[] }
  | { ok: false; details: ErrorDetail[] };

type SchemaIssue = NonNullable<ReturnType<typeof flowDefinitionSchema.safeParse>['error']>['issues'][number];

/**
 * The only door through which a flow comes in: size, shape, then meaning. `json` is a parsed JSON value.
 */
export function parseFlow(json: unknown): FlowParseResult {
  const size = jsonBytes(json);
  if (size > FLOW_LIMITS.definitionBytes) {
    return { ok: false, details: [finding([], `is larger than ${FLOW_LIMITS.definitionBytes} bytes`)] };
  }
  const parsed = flowDefinitionSchema.safeParse(json);
  if (!parsed.success) return { ok: false, details: parsed.error.issues.flatMap(describeIssue) };
  const { errors, warnings } = validateFlow(parsed.data);
  return errors.length > 0 ? { ok: false, details: errors } : { ok: true, flow: parsed.data, warnings };
}

/** Bytes of a value's JSON; endless when it is nested too deeply to be written. */
function jsonBytes(json: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(json)).length;
  } catch {
    return Infinity;
  }
}

function describeIssue(issue: SchemaIssue): ErrorDetail[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => finding([...path, key], 'is not known here'));
  if (issue.code === 'invalid_key') return [finding(path, issue.issues[0]?.message ?? issue.message)];
  return [finding(path, issue.message)];
}
