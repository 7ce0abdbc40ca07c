import { beforeAll, describe, expect, test } from 'vitest';
import type { FlowDefinition } from '../../../contracts/flow.ts';
import { loadDemoFlow } from '../../../dev/demo/loadDemoFlow.ts';
import { parseFlow } from '../../../flows/parseFlow.ts';
import type { FlowEvent } from '../../../workflows/flow/types.ts';
import { converse, textsOf } from './makeFlow.ts';

let flow: FlowDefinition;
beforeAll(async () => {
  flow = await loadDemoFlow();
});

/** A Tuesday at 11:00 in Berlin, and the Sunday before. */
const TUESDAY = { now: Date.UTC(2026, 5, 2, 9) };
const SUNDAY = { now: Date.UTC(2026, 4, 31, 9) };
const press = (choiceId: string): FlowEvent => ({ kind: 'message', text: choiceId, choiceId });
const WAITED: FlowEvent = { kind: 'waitElapsed' };

test('has neither errors nor warnings', () => {
  expect(parseFlow(flow)).toEqual({ ok: true, flow, warnings: [] });
});

test('greets by name and shows the menu', () => {
  const [outcome] = converse(flow, ['Hello'], { context: { now: 0, visitorName: 'Ada' } });
  expect(outcome?.replies[0]?.text).toContain('Hi Ada!');
  expect(outcome?.replies[1]?.choices?.map(({ id }) => id)).toEqual(['order', 'prices', 'question', 'human']);
});

describe('the order dialogue', () => {
  test.each([
    ['90210', 'left our warehouse by express'],
    ['54321', 'is being packed'],
  ])('order %s %s', (number, status) => {
    const outcomes = converse(flow, ['Hi', press('order'), 'no idea', number, 'nobody', 'ada@example.com', WAITED]);
    expect(textsOf(outcomes).slice(1, 6)).toEqual([
      [expect.stringContaining('What is your order number?')],
      [expect.stringContaining('has five digits')],
      [expect.stringContaining('which e-mail address')],
      [expect.stringContaining('does not look like an e-mail address')],
      [`One moment, I am looking for order ${number}…`],
    ]);
    expect(outcomes[5]?.next).toEqual({ kind: 'wait', seconds: 2 });
    expect(outcomes[6]?.replies[0]?.text).toContain(status);
    expect(outcomes[6]?.replies[1]?.text).toBe('Is there anything else?');
    expect(outcomes[6]?.position.variables).toMatchObject({
      orderNumber: number,
      email: 'ada@example.com',
      ordersChecked: 1,
    });
  });

  test('takes the number out of the question, and hands an old order to a person', () => {
    const outcomes = converse(flow, ['Where is my order #12345?', 'ada@example.com', WAITED], { context: TUESDAY });
    expect(outcomes[0]?.replies[0]?.text).toContain('which e-mail address');
    expect(outcomes[2]).toMatchObject({ next: { kind: 'handover' } });
  });

  test('gives up after three wrong numbers and asks a person', () => {
    const outcomes = converse(flow, ['Hi', '1', 'a', 'b', 'c'], { context: TUESDAY });
    expect(outcomes[4]).toMatchObject({
      replies: [{ text: 'A colleague can look that up for you.' }],
      next: { kind: 'handover' },
    });
  });
});

test.each(['What are your prices?', 'How much is express delivery?', 'shipping costs'])(
  'tells prices: %s',
  (question) => {
    expect(textsOf(converse(flow, ['Hi', question]))[1]?.[0]).toContain('4.90 EUR');
  },
);

test('a person is asked at any point: at once in office hours, with a word about them otherwise', () => {
  const [, , , open] = converse(flow, ['Hi', press('order'), 'x', 'a human please'], { context: TUESDAY });
  expect(open).toMatchObject({ replies: [], next: { kind: 'handover', reason: 'The visitor asked for a person' } });
  const [, closed] = converse(flow, ['Hi', '4'], { context: SUNDAY });
  expect(closed).toMatchObject({
    replies: [{ text: expect.stringContaining('next working day') }],
    next: { kind: 'handover' },
  });
});

test('a question goes to the AI, which hands over when it has no answer', () => {
  const asked = ['Hi', press('question'), 'Do you ship to Norway?'];
  const answered = converse(flow, [...asked, { kind: 'aiFinished', answered: true }]);
  expect(answered[2]?.next).toEqual({ kind: 'ai' });
  expect(answered[3]?.replies[0]?.text).toBe('Is there anything else?');
  const unanswered = converse(flow, [...asked, { kind: 'aiFinished', answered: false }], { context: TUESDAY });
  expect(unanswered[3]?.next.kind).toBe('handover');
});

test('whatever is written instead of a choice is a question too', () => {
  expect(converse(flow, ['Hi', 'Can I return shoes?'])[1]?.next).toEqual({ kind: 'ai' });
});

test('says goodbye and greets anew after that', () => {
  const outcomes = converse(flow, ['Hi', 'prices', press('done'), 'Hi again']);
  expect(outcomes[2]).toMatchObject({ replies: [{ text: 'Thank you, and see you soon!' }], next: { kind: 'close' } });
  expect(outcomes[3]?.replies[0]?.text).toContain('Hi there!');
});
