import { describe, expect, test } from 'vitest';
import { FLOW_LIMITS } from '../../../contracts/flowLimits.ts';
import { parseFlow } from '../../../flows/parseFlow.ts';
import { type FlowSource, flowSource } from './makeFlow.ts';

const start = { type: 'message' as const, text: 'Hello' };
const ask = { type: 'input' as const, text: '?', variable: 'v', error: '!', validation: { kind: 'text' as const } };
const options = [
  { id: 'a', label: 'A' },
  { id: 'b', label: 'B' },
];
const first = { on: 'first_message' as const, start: 'start' };

/** Paths that a definition is refused for; empty when it is accepted. */
function refused(json: unknown): string[] {
  const parsed = parseFlow(json);
  return parsed.ok ? [] : parsed.details.map(({ path }) => path);
}

describe('shape', () => {
  test.each<[string, unknown, string]>([
    ['no object', 'flow', ''],
    ['another language', { ...flowSource({}), language: 2 }, '/language'],
    ['an unknown property', { ...flowSource({}), stepz: {} }, '/stepz'],
    ['an unknown step type', { ...flowSource({}), steps: { start: { type: 'dance' } } }, '/steps/start/type'],
    ['a misspelt key', { ...flowSource({}), steps: { start: { ...start, nxt: 'x' } } }, '/steps/start/nxt'],
    ['a step id with a slash', { ...flowSource({}), steps: { start, 'a/b~': start } }, '/steps/a~1b~0'],
    ['a blank text', { ...flowSource({}), steps: { start: { ...start, text: '  ' } } }, '/steps/start/text'],
    [
      'an endless wait',
      { ...flowSource({}), steps: { start: { type: 'wait', seconds: 1e9 } } },
      '/steps/start/seconds',
    ],
    ['no trigger', flowSource({ triggers: [] }), '/triggers'],
    ['a variable name with a dash', { ...flowSource({}), variables: { 'a-b': 1 } }, '/variables/a-b'],
  ])('%s is refused at its place', (_, json, path) => {
    expect(refused(json)).toContain(path);
  });

  test('a definition of more than 64 KB is refused, whatever it holds', () => {
    expect(refused({ ...flowSource({}), name: 'x'.repeat(FLOW_LIMITS.definitionBytes) })).toEqual(['']);
  });

  test('bytes count, not characters', () => {
    const steps = Object.fromEntries(
      Array.from({ length: 9 }, (_, n) => [n === 0 ? 'start' : `s${n}`, { ...start, text: 'ä'.repeat(3_900) }]),
    );
    expect(JSON.stringify(steps).length).toBeLessThan(FLOW_LIMITS.definitionBytes);
    expect(refused(flowSource({ steps }))).toEqual(['']);
  });

  test('JSON that is nested too deeply is refused', () => {
    const depth = 5_000;
    expect(refused(JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`))).toEqual(['']);
  });
});

describe('meaning', () => {
  const condition = (when: string): Partial<FlowSource> => ({ steps: { start: { type: 'condition', when } } });
  const set = (cel: string): Partial<FlowSource> => ({ steps: { start: { type: 'set', values: { v: { cel } } } } });
  const when = '/steps/start/when';
  const cel = '/steps/start/values/v/cel';

  test.each<[string, Partial<FlowSource>, string[]]>([
    [
      'a trigger to nowhere',
      { triggers: [first, { on: 'keyword', keywords: ['x'], start: 'x' }] },
      ['/triggers/1/start'],
    ],
    ['a next to nowhere', { steps: { start: { ...start, next: 'constructor' } } }, ['/steps/start/next']],
    ['an otherwise to nowhere', { steps: { start: { ...ask, otherwise: 'x' } } }, ['/steps/start/otherwise']],
    [
      'an option to nowhere',
      { steps: { start: { type: 'choices', text: '?', options: [{ id: 'a', label: 'A', next: 'x' }] } } },
      ['/steps/start/options/0/next'],
    ],
    ['a step that leads to itself', { steps: { start: { ...start, next: 'start' } } }, ['/steps/start/next']],
    [
      'a circle in which nothing waits for the visitor',
      {
        steps: {
          start: { type: 'condition', when: 'true', next: 'pause', otherwise: 'question' },
          question: { ...ask, next: 'start' },
          pause: { type: 'wait', seconds: 1, next: 'think' },
          think: { type: 'ai', otherwise: 'start' },
        },
      },
      ['/steps/think/otherwise'],
    ],
    [
      'two options with one id',
      { steps: { start: { type: 'choices', text: '?', options: [...options, { id: 'a', label: 'C' }] } } },
      ['/steps/start/options/2/id'],
    ],
    [
      'two options that read alike',
      { steps: { start: { type: 'choices', text: '?', options: [...options, { id: 'c', label: ' a! ' }] } } },
      ['/steps/start/options/2/label'],
    ],
    ['two greetings', { triggers: [first, first] }, ['/triggers/1/on']],
    [
      'a range that is empty',
      { steps: { start: { ...ask, validation: { kind: 'text', min: 5, max: 4 } } } },
      ['/steps/start/validation/min'],
    ],
    ['a variable that CEL keeps', { variables: { int: 1 } }, ['/variables/int']],
    ['a variable that is a literal', { variables: { true: 1 } }, ['/variables/true']],
    ['a variable that is built in', { steps: { start: { ...ask, variable: 'now' } } }, ['/steps/start/variable']],
    ['too many variables', { variables: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`v${n}`, n])) }, ['']],
    ['an unknown variable in a text', { steps: { start: { ...start, text: 'Hi {{nme}}' } } }, ['/steps/start/text']],
    ['a broken placeholder', { steps: { start: { ...start, text: 'Hi {{first name}}' } } }, ['/steps/start/text']],
    ['a text that may be empty', { steps: { start: { ...start, text: '{{message}}' } } }, ['/steps/start/text']],
    ['an expression that does not parse', condition('1 =='), [when]],
    ['an expression of an unknown variable', condition('nme == "x"'), [when]],
    ['an expression of an unknown function', condition('fetch("x")'), [when]],
    ['a condition that is no truth value', condition('1 + 1'), [when]],
    ['a value that no variable holds', set('[1]'), [cel]],
    ['a loop in a loop', condition('[1].exists(a, [2].exists(b, a == b))'), [when]],
    ['values that grow', set('message.split("").map(x, message).join()'), [cel]],
    ['bound values', set('cel.bind(x, message, x + x)'), [cel]],
    ['a pattern in an expression', condition('"x".matches(message)'), [when]],
    ['an expression of too many parts', condition(`[${'1,'.repeat(100)}1].size() > 1`), [when]],
    [
      'a pattern that does not parse',
      { triggers: [{ on: 'regex', pattern: '(', start: 'start' }] },
      ['/triggers/0/pattern'],
    ],
    [
      'a dangerous pattern',
      { triggers: [{ on: 'regex', pattern: '(a|a)*$', start: 'start' }] },
      ['/triggers/0/pattern'],
    ],
    [
      'a dangerous pattern of an input',
      { steps: { start: { ...ask, validation: { kind: 'regex', pattern: '(\\w+\\s?)*' } } } },
      ['/steps/start/validation/pattern'],
    ],
    [
      'a group that is named as no variable can be',
      { triggers: [{ on: 'regex', pattern: '(?<größe>\\d)', start: 'start' }] },
      ['/triggers/0/pattern'],
    ],
  ])('%s is refused at its place', (_, source, paths) => {
    expect(refused(flowSource(source))).toEqual(paths);
  });

  test('all that is wrong is told at once', () => {
    const steps = {
      start: { ...start, text: '{{x|y}}', next: 'gone' },
      b: { type: 'condition' as const, when: 'no(' },
    };
    expect(refused(flowSource({ steps }))).toEqual(['/steps/start/next', '/steps/start/text', '/steps/b/when']);
  });

  test('a circle through a question is how menus work', () => {
    const steps: FlowSource['steps'] = { start: { ...ask, next: 'echo' }, echo: { ...start, next: 'start' } };
    expect(refused(flowSource({ steps }))).toEqual([]);
  });

  test('steps and buttons that nothing leads to are accepted with a warning', () => {
    const triggers: FlowSource['triggers'] = [first, { on: 'button', choiceId: 'gone', start: 'start' }];
    const parsed = parseFlow(flowSource({ triggers, steps: { start, island: { ...start, next: 'start' } } }));
    expect(parsed).toMatchObject({ ok: true, warnings: [{ path: '/steps/island' }, { path: '/triggers/1/choiceId' }] });
  });

  test('defaults are filled in', () => {
    const parsed = parseFlow(flowSource({ steps: { start: ask } }));
    expect(parsed).toMatchObject({
      ok: true,
      flow: { variables: {}, steps: { start: { maxAttempts: 3, validation: { kind: 'text', min: 1, max: 1000 } } } },
    });
  });
});
