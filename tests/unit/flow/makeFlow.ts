import type { z } from 'zod';
import type { FlowDefinition, flowDefinitionSchema } from '../../../contracts/flow.ts';
import { parseFlow } from '../../../flows/parseFlow.ts';
import { initialPosition, stepFlow } from '../../../workflows/flow/stepFlow.ts';
import type { FlowEvent, FlowOutcome, FlowPosition } from '../../../workflows/flow/types.ts';

export type FlowSource = z.input<typeof flowDefinitionSchema>;

/** A definition as an author writes it; by default its first message leads to the step `start`. */
export function flowSource(source: Partial<FlowSource>): FlowSource {
  return {
    language: 1,
    name: 'Test',
    triggers: [{ on: 'first_message', start: 'start' }],
    steps: { start: { type: 'message', text: 'Hello' } },
    ...source,
  };
}

/** The accepted flow; fails with what is wrong when it is not accepted. */
export function makeFlow(source: Partial<FlowSource>): FlowDefinition {
  const parsed = parseFlow(flowSource(source));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.details));
  return parsed.flow;
}

/** Sends events one after the other, each from the position where the last one ended. Strings are messages. */
export function converse(
  flow: FlowDefinition,
  events: readonly (FlowEvent | string)[],
  { context = { now: 0 }, from = initialPosition() }: { context?: Context; from?: FlowPosition } = {},
): FlowOutcome[] {
  let position = from;
  return events.map((event) => {
    const outcome = stepFlow(
      flow,
      position,
      typeof event === 'string' ? { kind: 'message', text: event } : event,
      context,
    );
    position = outcome.position;
    return outcome;
  });
}

type Context = Parameters<typeof stepFlow>[3];

/** The texts that each event was answered with. */
export function textsOf(outcomes: readonly FlowOutcome[]): string[][] {
  return outcomes.map(({ replies }) => replies.map(({ text }) => text));
}
