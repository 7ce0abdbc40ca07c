import type { FlowDefinition } from '../../contracts/flow.ts';

/** A flow that answers every message with one of its own, as a step that asks does. */
export const BENCH_FLOW: FlowDefinition = {
  language: 1,
  name: 'Benchmark',
  variables: {},
  triggers: [{ on: 'first_message', start: 'ask' }],
  steps: {
    ask: {
      type: 'input',
      text: 'Thank you. What else would you like to tell us about your order?',
      variable: 'answer',
      validation: { kind: 'text', min: 1, max: 500 },
      error: 'Could you write that in a few more words?',
      maxAttempts: 3,
      next: 'ask',
    },
  },
};
