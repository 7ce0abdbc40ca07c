import { describe, expect, test } from 'vitest';
import { flowDefinitionSchema } from '../../../contracts/flow.ts';
import { initialPosition } from '../../../workflows/flow/stepFlow.ts';
import type { FlowEvent } from '../../../workflows/flow/types.ts';
import { converse, flowSource, makeFlow, textsOf } from './makeFlow.ts';

const WAIT_ELAPSED: FlowEvent = { kind: 'waitElapsed' };
const ANSWERED: FlowEvent = { kind: 'aiFinished', answered: true };
const UNANSWERED: FlowEvent = { kind: 'aiFinished', answered: false };

describe('triggers', () => {
  const flow = makeFlow({
    triggers: [
      { on: 'first_message', start: 'welcome' },
      { on: 'keyword', keywords: ['price', 'how much'], start: 'price' },
      { on: 'keyword', keywords: ['stop'], exact: true, start: 'stop' },
      { on: 'regex', pattern: 'order #?(?<order>\\d+)', start: 'order' },
      { on: 'button', choiceId: 'old', start: 'button' },
    ],
    steps: Object.fromEntries(
      ['welcome', 'price', 'stop', 'button']
        .map((id) => [id, { type: 'message' as const, text: id }])
        .concat([['order', { type: 'message' as const, text: 'order {{order}}' }]]),
    ),
  });

  test.each<[string, string | FlowEvent, string]>([
    ['the first message', 'hello', 'welcome'],
    ['a keyword before the first message’s greeting', 'What is the PRICE?', 'price'],
    ['a keyword of two words, whatever the spacing and punctuation', 'so, how  much…', 'price'],
    ['an exact keyword', ' Stop! ', 'stop'],
    ['a pattern, whose groups become variables', 'where is ORDER #4711?', 'order 4711'],
    ['a button under an older message', { kind: 'message', text: 'Price', choiceId: 'old' }, 'button'],
  ])('%s', (_, event, reply) => {
    expect(textsOf(converse(flow, [event]))).toEqual([[reply]]);
  });

  test.each([
    ['part of a word', 'priceless'],
    ['more than the exact keyword', 'do not stop'],
    ['a message that nothing matches', 'what?'],
  ])('%s is unmatched, and the greeting comes only once', (_, text) => {
    const outcome = converse(flow, ['hello', text]).at(-1);
    expect(outcome).toMatchObject({ replies: [], next: { kind: 'unmatched' }, position: { stepId: null } });
  });
});

describe('conditions and values', () => {
  const say = (text: string) => ({ type: 'message' as const, text });
  const decide = (when: string) =>
    makeFlow({
      variables: { count: 2, price: 1.5, name: 'Kim', unset: null },
      steps: {
        start: { type: 'condition', when, next: 'yes', otherwise: 'no' },
        yes: say('yes'),
        no: say('no'),
      },
    });

  test.each([
    ['count == 2 && price < 2.0', 'yes'],
    ['count * price > 2', 'yes'],
    ['unset == null', 'yes'],
    ['visitorName == "Ada"', 'yes'],
    ['message.contains("hello")', 'yes'],
    ['now.getHours("UTC") == 9', 'yes'],
    ['name in ["Kim", "Bo"]', 'yes'],
    ['["a", "b"].exists(x, x == "b")', 'yes'],
    ['count > 2', 'no'],
    ['int(name) > 1', 'no'],
    ['unset > 1', 'no'],
    ['now.getHours("Mars/Olympus") == 9', 'no'],
  ])('%s: %s', (when, expected) => {
    const context = { visitorName: 'Ada', now: Date.UTC(2026, 0, 5, 9) };
    expect(textsOf(converse(decide(when), ['hello'], { context }))).toEqual([[expected]]);
  });

  test('set computes all values from the variables before it', () => {
    const flow = makeFlow({
      variables: { a: 1, b: 2 },
      steps: {
        start: { type: 'set', values: { a: { cel: 'b' }, b: { cel: 'a' }, c: 'text', d: { cel: 'a / 2.0' } } },
      },
    });
    expect(converse(flow, ['hi'])[0]?.position.variables).toEqual({ a: 2, b: 1, c: 'text', d: 0.5 });
  });

  test.each([
    ['otherwise', 'failed', { kind: 'await' }, ['failed']],
    ['a person', undefined, { kind: 'handover', reason: 'expression_failed' }, []],
  ])('a value that cannot be computed leads to %s and sets nothing', (_, otherwise, next, replies) => {
    const flow = makeFlow({
      steps: {
        start: { type: 'set', values: { ok: 1, broken: { cel: 'int(message)' } }, next: 'done', otherwise },
        done: say('done'),
        failed: say('failed'),
      },
    });
    const [outcome] = converse(flow, ['hi']);
    expect(outcome).toMatchObject({ next, position: { variables: {} } });
    expect(outcome?.replies.map(({ text }) => text)).toEqual(replies);
    expect(outcome?.position.variables).toEqual({});
  });

  test('a value that grows beyond its bound fails instead of growing on', () => {
    const flow = makeFlow({
      variables: { long: 'x'.repeat(600) },
      steps: { start: { type: 'set', values: { long: { cel: 'long + long' } } } },
    });
    expect(converse(flow, ['hi'])[0]?.next).toEqual({ kind: 'handover', reason: 'expression_failed' });
  });

  test('texts show variables, or their fallback while they are unset or blank', () => {
    const flow = makeFlow({
      variables: { blank: ' ', yes: true, zero: 0, none: null },
      steps: { start: say('{{ visitorName | you }}|{{blank|b}}|{{yes}}|{{zero|z}}|{{none}}|{{message}}') },
    });
    expect(textsOf(converse(flow, ['$& {{yes}}']))).toEqual([['you|b|true|0||$& {{yes}}']]);
    expect(textsOf(converse(flow, ['m'], { context: { now: 0, visitorName: 'Ada' } }))).toEqual([['Ada|b|true|0||m']]);
  });

  test('a text that variables make too long is cut, never in the middle of a character', () => {
    const flow = makeFlow({ steps: { start: say(`x${'{{message}}'.repeat(9)}`) } });
    const [text = ''] = textsOf(converse(flow, ['😀'.repeat(500)]))[0] ?? [];
    expect(text).toHaveLength(3999);
    expect(encodeURIComponent(text)).toBeTruthy();
  });
});

describe('waits, AI, jumps, ends', () => {
  const flow = makeFlow({
    triggers: [
      { on: 'first_message', start: 'start' },
      { on: 'keyword', keywords: ['wait'], start: 'wait' },
      { on: 'keyword', keywords: ['ai'], exact: true, start: 'ai' },
      { on: 'keyword', keywords: ['lonely ai'], exact: true, start: 'lonelyAi' },
      { on: 'keyword', keywords: ['bye'], start: 'bye' },
      { on: 'keyword', keywords: ['person'], start: 'person' },
    ],
    steps: {
      start: { type: 'jump', next: 'hello' },
      hello: { type: 'message', text: 'Hello' },
      wait: { type: 'wait', seconds: 5, next: 'waited' },
      waited: { type: 'message', text: 'Waited' },
      ai: { type: 'ai', next: 'answered', otherwise: 'unanswered' },
      answered: { type: 'message', text: 'Did that help?' },
      unanswered: { type: 'message', text: 'I do not know' },
      lonelyAi: { type: 'ai' },
      bye: { type: 'close', text: 'Bye' },
      person: { type: 'handover', text: 'One moment', reason: 'wish' },
    },
  });

  test('a jump goes on elsewhere', () => {
    expect(textsOf(converse(flow, ['hi']))).toEqual([['Hello']]);
  });

  test('a wait asks for its seconds and goes on when they are over', () => {
    const [waiting, waited] = converse(flow, ['wait', WAIT_ELAPSED]);
    expect(waiting).toMatchObject({ next: { kind: 'wait', seconds: 5 }, position: { stepId: 'wait' } });
    expect(waited).toMatchObject({ replies: [{ text: 'Waited' }], next: { kind: 'await' } });
  });

  test('a message during a wait ends it, unless it fires a trigger', () => {
    expect(textsOf(converse(flow, ['wait', 'and?']))[1]).toEqual(['Waited']);
    expect(textsOf(converse(flow, ['wait', 'bye']))[1]).toEqual(['Bye']);
  });

  test.each<[string, FlowEvent, string]>([
    ['answered', ANSWERED, 'Did that help?'],
    ['unanswered', UNANSWERED, 'I do not know'],
  ])('an AI step goes on when %s', (_, event, text) => {
    const [asked, finished] = converse(flow, ['ai', event]);
    expect(asked).toMatchObject({ next: { kind: 'ai' }, position: { stepId: 'ai' } });
    expect(finished?.replies).toEqual([{ text }]);
  });

  test('an AI step without further steps rests after an answer and asks a person otherwise', () => {
    expect(converse(flow, ['lonely ai', ANSWERED])[1]).toMatchObject({ next: { kind: 'await' } });
    expect(converse(flow, ['lonely ai', UNANSWERED])[1]).toMatchObject({
      next: { kind: 'handover', reason: 'ai_unanswered' },
    });
  });

  test('a message while AI works is for the AI too', () => {
    expect(converse(flow, ['ai', 'also this'])[1]).toMatchObject({ next: { kind: 'ai' }, position: { stepId: 'ai' } });
  });

  test.each([WAIT_ELAPSED, ANSWERED, UNANSWERED])('an event that was overtaken changes nothing: %o', (event) => {
    const [before, after] = converse(flow, ['hi', event]);
    expect(after).toEqual({ position: before?.position, replies: [], next: { kind: 'await' } });
  });

  test('a hand-over says its text and gives its reason', () => {
    expect(converse(flow, ['person'])[0]).toMatchObject({
      replies: [{ text: 'One moment' }],
      next: { kind: 'handover', reason: 'wish' },
    });
  });

  test('after closing, the next message is greeted again', () => {
    expect(textsOf(converse(flow, ['bye', 'hi']))).toEqual([['Bye'], ['Hello']]);
  });
});

describe('positions that do not fit', () => {
  test.each(['gone', 'constructor', 'start'])('a position at "%s", where no step waits, is unmatched', (stepId) => {
    const from = { ...initialPosition(), stepId, started: true };
    expect(converse(makeFlow({}), ['hi'], { from })[0]).toMatchObject({
      next: { kind: 'unmatched' },
      position: { stepId: null },
    });
  });

  test('a chain of more steps than one event may take ends with a person', () => {
    const steps = Object.fromEntries(
      Array.from({ length: 150 }, (_, n) => [
        n === 0 ? 'start' : `s${n}`,
        n === 149 ? { type: 'message' as const, text: 'end' } : { type: 'jump' as const, next: `s${n + 1}` },
      ]),
    );
    expect(converse(makeFlow({ steps }), ['hi'])[0]?.next).toEqual({ kind: 'handover', reason: 'step_limit' });
  });

  test('even a circle, which no accepted flow has, ends with a person', () => {
    const circle = flowDefinitionSchema.parse(flowSource({ steps: { start: { type: 'jump', next: 'start' } } }));
    expect(converse(circle, ['hi'])[0]?.next).toEqual({ kind: 'handover', reason: 'step_limit' });
  });
});
