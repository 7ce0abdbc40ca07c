import type { ErrorDetail } from '../contracts/errors.ts';
import type { FlowDefinition, FlowStep } from '../contracts/flow.ts';
import { placeholderNames, renderText } from '../workflows/flow/renderText.ts';
import { variableDeclarations } from '../workflows/flow/variableDeclarations.ts';
import { finding, type JsonPath } from './finding.ts';

const TEXT_KEYS = ['text', 'retryText', 'error'];

/** Placeholders of unknown variables, malformed ones, and texts that could turn out empty. */
export function checkTexts(flow: FlowDefinition): ErrorDetail[] {
  const known = new Set(['visitorName', 'message', ...variableDeclarations(flow).map(({ name }) => name)]);
  return Object.entries(flow.steps).flatMap(([stepId, step]) =>
    textsOf(step).flatMap(({ key, text }) => checkText(text, known, ['steps', stepId, key])),
  );
}

function textsOf(step: FlowStep): { key: string; text: string }[] {
  return Object.entries(step).flatMap(([key, value]) =>
    TEXT_KEYS.includes(key) && typeof value === 'string' ? [{ key, text: value }] : [],
  );
}

function checkText(text: string, known: Set<string>, path: JsonPath): ErrorDetail[] {
  const unknown = placeholderNames(text).filter((name) => !known.has(name));
  const findings = unknown.map((name) => finding(path, `"{{${name}}}" is no variable of this flow`));
  const bare = renderText(text, {});
  if (bare.includes('{{'))
    findings.push(finding(path, 'holds "{{" that is no placeholder: write {{name}} or {{name|fallback}}'));
  if (bare === '') findings.push(finding(path, 'is empty while its variables are not set: write {{name|fallback}}'));
  return findings;
}
