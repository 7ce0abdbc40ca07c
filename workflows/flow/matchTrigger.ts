import type { FlowDefinition, FlowTrigger } from '../../contracts/flow.ts';
import { FLOW_LIMITS } from '../../contracts/flowLimits.ts';
import { cutText } from './cutText.ts';
import { normaliseText } from './normaliseText.ts';
import type { FlowEvent, FlowValue } from './types.ts';

type MessageEvent = Extract<FlowEvent, { kind: 'message' }>;

export interface TriggerMatch {
  start: string;
  /** Values of a pattern's named groups. */
  captured: Record<string, FlowValue>;
}

/**
 * The trigger that a message fires. What is specific goes first: a pressed button, then keywords and patterns in the
 * order in which they are written, then `first_message`, as long as nothing was `started`.
 */
export function matchTrigger(flow: FlowDefinition, event: MessageEvent, started: boolean): TriggerMatch | undefined {
  return matchButton(flow, event.choiceId) ?? matchWords(flow, event.text) ?? (started ? undefined : matchFirst(flow));
}

function matchButton(flow: FlowDefinition, choiceId: string | undefined): TriggerMatch | undefined {
  const pressed = flow.triggers.find((trigger) => trigger.on === 'button' && trigger.choiceId === choiceId);
  return pressed && { start: pressed.start, captured: {} };
}

function matchFirst(flow: FlowDefinition): TriggerMatch | undefined {
  const first = flow.triggers.find((trigger) => trigger.on === 'first_message');
  return first && { start: first.start, captured: {} };
}

function matchWords(flow: FlowDefinition, text: string): TriggerMatch | undefined {
  const words = normaliseText(text);
  for (const trigger of flow.triggers) {
    const captured = captureFrom(trigger, text, words);
    if (captured) return { start: trigger.start, captured };
  }
  return undefined;
}

function captureFrom(trigger: FlowTrigger, text: string, words: string): Record<string, FlowValue> | undefined {
  if (trigger.on === 'keyword') return hasKeyword(trigger, words) ? {} : undefined;
  if (trigger.on !== 'regex') return undefined;
  const match = new RegExp(trigger.pattern, 'iu').exec(cutText(text, FLOW_LIMITS.matchedLength));
  if (!match) return undefined;
  return Object.fromEntries(Object.entries(match.groups ?? {}).filter(([, value]) => value !== undefined));
}

function hasKeyword(trigger: Extract<FlowTrigger, { on: 'keyword' }>, words: string): boolean {
  return trigger.keywords.some((keyword) => {
    const wanted = normaliseText(keyword);
    return trigger.exact ? words === wanted : ` ${words} `.includes(` ${wanted} `);
  });
}
