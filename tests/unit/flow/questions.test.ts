import { describe, expect, test } from 'vitest';
import type { FlowEvent } from '../../../workflows/flow/types.ts';
import { converse, makeFlow, textsOf } from './makeFlow.ts';

describe('choices', () => {
  const flow = makeFlow({
    triggers: [
      { on: 'first_message', start: 'start' },
      { on: 'keyword', keywords: ['human'], start: 'person' },
    ],
    steps: {
      start: {
        type: 'choices',
        text: 'Tea or coffee?',
        retryText: 'Tea or coffee, please.',
        options: [
          { id: 't', label: '🍵 Green  Tea', next: 'tea' },
          { id: 'c', label: 'Coffee' },
        ],
        variable: 'drink',
        next: 'other',
        maxAttempts: 2,
      },
      tea: { type: 'message', text: 'Here is tea: {{drink}}' },
      other: { type: 'message', text: 'Here is {{drink}}' },
      person: { type: 'handover' },
    },
  });

  test('are sent with their options', () => {
    expect(converse(flow, ['hi'])[0]).toMatchObject({
      replies: [
        {
          text: 'Tea or coffee?',
          choices: [
            { id: 't', label: '🍵 Green  Tea' },
            { id: 'c', label: 'Coffee' },
          ],
        },
      ],
      next: { kind: 'await' },
      position: { stepId: 'start' },
    });
  });

  test.each<[string, FlowEvent | string, string]>([
    ['its id', { kind: 'message', text: 'x', choiceId: 'c' }, 'Here is c'],
    ['its label', ' COFFEE ', 'Here is c'],
    ['its label without emoji and spacing', 'green tea', 'Here is tea: t'],
    ['its number', '2', 'Here is c'],
  ])('match by %s', (_, answer, reply) => {
    expect(textsOf(converse(flow, ['hi', answer]))[1]).toEqual([reply]);
  });

  test.each(['0', '3', '99'])('number %s is none of two options', (answer) => {
    expect(textsOf(converse(flow, ['hi', answer]))[1]).toEqual(['Tea or coffee, please.']);
  });

  test('are asked again until the attempts are used up, then a person is asked', () => {
    const outcomes = converse(flow, ['hi', 'beer', 'wine']);
    expect(outcomes[1]).toMatchObject({
      replies: [{ text: 'Tea or coffee, please.', choices: [{ id: 't' }, { id: 'c' }] }],
      position: { stepId: 'start', attempts: 1 },
    });
    expect(outcomes[2]).toMatchObject({ replies: [], next: { kind: 'handover', reason: 'attempts_exhausted' } });
  });

  test('can be escaped from by a trigger', () => {
    expect(converse(flow, ['hi', 'a human, please'])[1]).toMatchObject({
      next: { kind: 'handover', reason: 'requested' },
      position: { stepId: null, attempts: 0 },
    });
  });
});

describe('inputs', () => {
  const flow = makeFlow({
    triggers: [
      { on: 'first_message', start: 'start' },
      { on: 'keyword', keywords: ['human'], start: 'person' },
    ],
    steps: {
      start: {
        type: 'input',
        text: 'Your age?',
        variable: 'age',
        validation: { kind: 'number', min: 18, max: 120, integer: true },
        error: 'A number from 18 on, please.',
        maxAttempts: 3,
        next: 'thanks',
        otherwise: 'sorry',
      },
      thanks: { type: 'message', text: '{{age}} it is' },
      sorry: { type: 'message', text: 'Never mind' },
      person: { type: 'handover' },
    },
  });

  test('keep a valid answer and go on', () => {
    const [, outcome] = converse(flow, ['hi', ' 42 ']);
    expect(outcome).toMatchObject({ replies: [{ text: '42 it is' }], position: { variables: { age: 42 } } });
  });

  test('say what is wrong, and go to otherwise after the last attempt', () => {
    expect(textsOf(converse(flow, ['hi', 'x', '17', '1000', '42']))).toEqual([
      ['Your age?'],
      ['A number from 18 on, please.'],
      ['A number from 18 on, please.'],
      ['Never mind'],
      [],
    ]);
  });

  test('can be escaped from by a trigger, but not by a valid answer', () => {
    expect(converse(flow, ['hi', 'human'])[1]?.next.kind).toBe('handover');
  });
});
