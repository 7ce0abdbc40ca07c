import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowDefinition } from '../../../contracts/flow.ts';
import { FLOW_LIMITS } from '../../../contracts/flowLimits.ts';
import { parseFlow } from '../../../flows/parseFlow.ts';
import { initialPosition, stepFlow } from '../../../workflows/flow/stepFlow.ts';
import type { FlowEvent } from '../../../workflows/flow/types.ts';
import type { FlowSource } from './makeFlow.ts';

const stepId = fc.constantFrom('start', 's1', 's2', 's3', 's4', 's5');
const next = fc.option(stepId, { nil: undefined });
const text = fc.constantFrom('Hello', 'Hi {{visitorName|you}}', 'You said {{message}}', '{{a}} and {{b|none}}');
const variable = fc.constantFrom('a', 'b', 'c');
const expression = fc.constantFrom(
  'a == null',
  'a > 1',
  'b + 1',
  'message',
  'message + message',
  'a / b',
  'now.getHours() < 12',
  'size(message) > 3',
  '1 / 0 > 1',
  'true',
);
const value = fc.oneof(
  fc.constantFrom(null, true, 0, -1.5, 'text'),
  expression.map((cel) => ({ cel })),
);
const validation = fc.constantFrom<object>(
  { kind: 'text' },
  { kind: 'email' },
  { kind: 'phone' },
  { kind: 'number', max: 10 },
  { kind: 'regex', pattern: '\\d+|x' },
);
const question = { text, maxAttempts: fc.integer({ min: 1, max: 3 }), next, otherwise: next };
const option = fc.record({
  id: fc.constantFrom('o1', 'o2', 'o3'),
  label: fc.constantFrom('Yes', 'No', '3', '👍'),
  next,
});
const step = fc.oneof(
  fc.record({ type: fc.constant('message'), text, next }),
  fc.record({
    type: fc.constant('choices'),
    ...question,
    options: fc.uniqueArray(option, { minLength: 1, selector: ({ id }) => id }),
    variable,
  }),
  fc.record({ type: fc.constant('input'), ...question, error: text, variable, validation }),
  fc.record({ type: fc.constant('condition'), when: expression, next, otherwise: next }),
  fc.record({ type: fc.constant('set'), values: fc.dictionary(variable, value), next, otherwise: next }),
  fc.record({ type: fc.constant('wait'), seconds: fc.integer({ min: 1, max: 9 }), next }),
  fc.record({ type: fc.constant('ai'), next, otherwise: next }),
  fc.record({ type: fc.constantFrom('handover', 'close'), text }),
  fc.record({ type: fc.constant('jump'), next: stepId }),
);
const start = stepId;
const triggers = fc.tuple(
  fc.record({ on: fc.constant('first_message'), start }),
  fc.record({ on: fc.constant('keyword'), keywords: fc.constant(['human', 'x']), start }),
  fc.record({ on: fc.constant('regex'), pattern: fc.constantFrom('(?<a>\\d+)', 'y(?<b>.)?'), start }),
  fc.record({ on: fc.constant('button'), choiceId: fc.constantFrom('o1', 'o9'), start }),
);

/** Random flows that were accepted: most random circles are refused, which is the point of validation. */
const flow = fc
  .record({
    language: fc.constant(1),
    name: fc.constant('Random'),
    variables: fc.constant({ a: null, b: 2, c: '' }),
    triggers,
    steps: fc.record({ start: step, s1: step, s2: step, s3: step, s4: step, s5: step }),
  })
  .map((source) => parseFlow(source))
  .filter((parsed) => parsed.ok)
  .map((parsed): FlowDefinition => parsed.flow);

const word = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('yes', '2', '42', 'human', 'y!', 'a@example.com', '+49 30 123456', 'x'.repeat(8_000)),
);
const event: fc.Arbitrary<FlowEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      text: word,
      choiceId: fc.option(fc.constantFrom('o1', 'o2', 'o9'), { nil: undefined }),
    }),
  },
  fc.constant<FlowEvent>({ kind: 'waitElapsed' }),
  fc.record({ kind: fc.constant('aiFinished' as const), answered: fc.boolean() }),
);
const context = fc.record({
  visitorName: fc.option(fc.string(), { nil: undefined }),
  now: fc.integer({ min: 0, max: 4e12 }),
});

test('an accepted flow answers any events without throwing, the same way each time, from a position that survives JSON', () => {
  fc.assert(
    fc.property(flow, fc.array(event, { maxLength: 20 }), context, (definition, events, surroundings) => {
      let position = initialPosition();
      for (const happened of events) {
        const before = JSON.stringify(position);
        const outcome = stepFlow(definition, position, happened, surroundings);
        const revived = stepFlow(JSON.parse(JSON.stringify(definition)), JSON.parse(before), happened, surroundings);
        expect(JSON.stringify(position)).toBe(before);
        expect(revived).toEqual(outcome);
        expect(JSON.parse(JSON.stringify(outcome.position))).toEqual(outcome.position);
        for (const reply of outcome.replies) {
          expect(reply.text.trim()).not.toBe('');
          expect(reply.text.length).toBeLessThanOrEqual(FLOW_LIMITS.replyLength);
        }
        expect(outcome.next).not.toEqual({ kind: 'handover', reason: 'step_limit' });
        expect(outcome.next).not.toEqual({ kind: 'handover', reason: 'step_missing' });
        const waitsAt = definition.steps[outcome.position.stepId ?? '']?.type;
        expect(['wait', 'ai'].includes(outcome.next.kind) ? waitsAt : outcome.next.kind).toBe(outcome.next.kind);
        position = outcome.position;
      }
    }),
    { numRuns: 400 },
  );
});

test('no JSON makes the parser throw, and a refusal names at least one place', () => {
  const nearly = fc.record<Record<keyof FlowSource, unknown>>({
    language: fc.constantFrom(1, 2, '1'),
    name: fc.jsonValue(),
    variables: fc.oneof(fc.constant({}), fc.jsonValue()),
    triggers: fc.oneof(fc.array(fc.jsonValue()), triggers),
    steps: fc.dictionary(fc.oneof(stepId, fc.string()), fc.oneof(step, fc.jsonValue())),
  });
  fc.assert(
    fc.property(fc.oneof(nearly, fc.jsonValue()), (json) => {
      const parsed = parseFlow(json);
      expect(parsed.ok || parsed.details.length > 0).toBe(true);
    }),
    { numRuns: 400 },
  );
});
