import type { FlowOption } from '../../contracts/flow.ts';
import { normaliseText } from './normaliseText.ts';

/** The option that an answer means: by its id when a button was pressed, else by its label, else by its number from 1. */
export function findOption(
  options: readonly FlowOption[],
  answer: { text: string; choiceId?: string },
): FlowOption | undefined {
  const pressed = options.find((option) => option.id === answer.choiceId);
  if (pressed) return pressed;
  const words = normaliseText(answer.text);
  const labelled = options.find((option) => normaliseText(option.label) === words);
  if (labelled) return labelled;
  return /^\d{1,2}$/.test(words) ? options[Number(words) - 1] : undefined;
}
