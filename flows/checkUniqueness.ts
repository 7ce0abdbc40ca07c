import type { ErrorDetail } from '../contracts/errors.ts';
import type { FlowDefinition } from '../contracts/flow.ts';
import { normaliseText } from '../workflows/flow/normaliseText.ts';
import { finding, type JsonPath } from './finding.ts';

/** What must be there only once, so that an answer has one meaning: option ids and labels, `first_message`, buttons. */
export function checkUniqueness(flow: FlowDefinition): ErrorDetail[] {
  const optionFindings = Object.entries(flow.steps).flatMap(([stepId, step]) => {
    if (step.type !== 'choices') return [];
    const at = (index: number, key: string) => ['steps', stepId, 'options', index, key];
    return [
      ...duplicates(step.options.map((option, index) => ({ key: option.id, path: at(index, 'id') }))),
      ...duplicates(
        step.options.map((option, index) => ({ key: normaliseText(option.label), path: at(index, 'label') })),
      ),
    ];
  });
  const triggers = flow.triggers.flatMap((trigger, index) => {
    if (trigger.on === 'first_message') return [{ key: 'first_message', path: ['triggers', index, 'on'] }];
    if (trigger.on === 'button') return [{ key: `button ${trigger.choiceId}`, path: ['triggers', index, 'choiceId'] }];
    return [];
  });
  return [...optionFindings, ...duplicates(triggers)];
}

function duplicates(entries: { key: string; path: JsonPath }[]): ErrorDetail[] {
  const seen = new Set<string>();
  return entries.flatMap(({ key, path }) => {
    if (seen.has(key)) return [finding(path, 'is there already')];
    seen.add(key);
    return [];
  });
}

/** Buttons that no step of the flow ever shows. */
export function checkButtons(flow: FlowDefinition): ErrorDetail[] {
  const shown = new Set(
    Object.values(flow.steps).flatMap((step) => (step.type === 'choices' ? step.options.map(({ id }) => id) : [])),
  );
  return flow.triggers.flatMap((trigger, index) =>
    trigger.on === 'button' && !shown.has(trigger.choiceId)
      ? [finding(['triggers', index, 'choiceId'], 'no step has such an option')]
      : [],
  );
}
