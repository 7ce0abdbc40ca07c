import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseFlow } from '../../flows/parseFlow.ts';
import { type Harness, startHarness } from './conversationHarness.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

/** Each step needs something of its own from the sandbox: BigInt, dates with time zones, patterns with Unicode. */
const parsed = parseFlow({
  language: 1,
  name: 'Sandbox',
  variables: { count: 20 },
  triggers: [
    { on: 'first_message', start: 'compute' },
    { on: 'regex', pattern: '(?<word>\\p{Lu}+)!', start: 'echo' },
  ],
  steps: {
    compute: {
      type: 'set',
      values: { count: { cel: '(count + 1) * 2' }, half: { cel: 'count / 8.0' } },
      next: 'zones',
    },
    zones: {
      type: 'condition',
      when: 'count == 42 && now.getHours("Asia/Tokyo") == (now.getHours("UTC") + 9) % 24 && now > timestamp(0)',
      next: 'right',
      otherwise: 'wrong',
    },
    right: { type: 'message', text: '{{count}} and {{half}}' },
    wrong: { type: 'message', text: 'wrong' },
    echo: { type: 'message', text: 'Heard {{word}}' },
  },
});

test('expressions, dates and patterns work inside the workflow sandbox', async () => {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.details));
  await harness.withConversation({ flow: parsed.flow }, async ({ recorder, say }) => {
    await until(() => recorder.messages.length >= 2, 'the computed reply');
    await say('ÄH!');
    await until(() => recorder.messages.length >= 4, 'the echo');
    expect(recorder.texts).toEqual(['visitor: Hi', 'bot: 42 and 2.5', 'visitor: ÄH!', 'bot: Heard ÄH']);
  });
});
