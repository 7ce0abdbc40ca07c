import { type FlowDefinition, flowDefinitionSchema } from '../../contracts/flow.ts';

export const SITE_KEY = 'chaos';
export const GROUP_ID = -1_007_000_000_000;

/** flow: answered by the flow throughout; agent: a person joins half way; ai: questions to the knowledge base. */
export type ConversationKind = 'flow' | 'agent' | 'ai';

export function kindOf(conversation: number): ConversationKind {
  if (conversation % 5 === 2) return 'agent';
  return conversation % 10 === 3 ? 'ai' : 'flow';
}

/** Marks that tell messages apart wherever they turn up: `m` from the visitor, `r` the flow's reply to it, `a` from an agent. */
export type MarkKind = 'm' | 'r' | 'a';

export function markOf(kind: MarkKind, conversation: number, message: number): string {
  return `${kind}${conversation}-${message}.`;
}

/** All marks in a text, in order. */
export function marksIn(text: string, kind: MarkKind): string[] {
  return text.match(new RegExp(`\\b${kind}\\d+-\\d+\\.`, 'g')) ?? [];
}

/** What a visitor writes as message number `message`. */
export function visitorText(kind: ConversationKind, conversation: number, message: number): string {
  const mark = markOf('m', conversation, message);
  return kind === 'ai' ? `What does express shipping cost? ${mark}` : `Please note ${mark}`;
}

/** Answers every `Please note m1-2.` with `Noted r1-2.`; everything else goes to the AI. */
export const FLOW: FlowDefinition = flowDefinitionSchema.parse({
  language: 1,
  name: 'Notes',
  triggers: [{ on: 'regex', pattern: '^please note m(?<mark>\\d+-\\d+)\\.', start: 'noted' }],
  steps: { noted: { type: 'message', text: 'Noted r{{mark}}.' } },
});

export const DOCUMENTS = [
  {
    title: 'Shipping',
    body: '# Express shipping\n\nExpress shipping costs 12.90 EUR and takes one working day.',
  },
];
