import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliverOutcome } from '../../contracts/activities.ts';
import { channelRepairedSignal, ledgerSignal, statusQuery } from '../../workflows/conversation/messages.ts';
import { type Harness, startHarness } from './conversationHarness.ts';
import { copy, DAY, HOUR, MINUTE, SECOND } from './fixtures.ts';
import { Recorder } from './recorder.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

const sent: DeliverOutcome = { kind: 'sent', settled: 1, more: false };
const parked: DeliverOutcome = { kind: 'parked', reason: 'bot_kicked', retryMs: MINUTE };
const none: DeliverOutcome = { kind: 'no_channel' };

/** Answers one delivery after the other with these; then everything goes out. */
function delivering(...outcomes: DeliverOutcome[]): Recorder {
  const recorder = new Recorder();
  recorder.deliver = () => outcomes.shift() ?? sent;
  return recorder;
}

function times(recorder: Recorder, text: string): number {
  return recorder.texts.filter((said) => said === `system: ${text}`).length;
}

function looksAfterSeconds({ deliveryTimes }: Recorder): number[] {
  return deliveryTimes.map((at) => Math.round((at - (deliveryTimes[0] ?? 0)) / SECOND));
}

test('a delivery that has to wait comes back after exactly that time', async () => {
  const recorder = delivering({ kind: 'wait', waitMs: 90 * SECOND, priority: 1 });
  await harness.withConversation({ recorder }, async ({ handle, ids }) => {
    await until(() => recorder.deliveries.length === 1, 'the first request');
    await harness.atRest(handle);
    expect((await handle.query(statusQuery)).waitingFor).toBe('the next free Telegram slot');
    await harness.env.sleep(89 * SECOND);
    expect(recorder.deliveries).toHaveLength(1);
    await harness.env.sleep(2 * SECOND);
    await until(() => recorder.deliveries.length === 2, 'the delivery');
    expect(recorder.deliveries[1]).toEqual(ids);
    const [asked = 0, came = 0] = recorder.deliveryTimes;
    expect(came - asked).toBeGreaterThanOrEqual(90 * SECOND);
    expect(came - asked).toBeLessThan(91 * SECOND);
  });
});

test('what is said while a slot is waited for rides along: no delivery of its own', async () => {
  const recorder = delivering({ kind: 'wait', waitMs: 30 * SECOND, priority: 1 });
  await harness.withConversation({ recorder, first: 'human' }, async ({ say }) => {
    await until(() => recorder.deliveries.length === 1, 'the first request');
    for (const text of ['One', 'Two', 'Three']) await say(text);
    await until(() => recorder.texts.includes('visitor: Three'), 'all three');
    expect(recorder.deliveries).toHaveLength(1);
    await harness.env.sleep(2 * MINUTE);
    expect(recorder.deliveries).toHaveLength(2);
  });
});

test('what is more urgent than what waits asks for its turn at once', async () => {
  const recorder = delivering({ kind: 'wait', waitMs: HOUR, priority: 3 });
  await harness.withConversation({ recorder, first: 'human' }, async ({ say }) => {
    await until(() => recorder.deliveries.length === 1, 'a card that waits');
    await say('Words go first');
    await until(() => recorder.deliveries.length === 2, 'the words');
    const [asked = 0, again = 0] = recorder.deliveryTimes;
    expect(again - asked).toBeLessThan(MINUTE);
  });
});

test('a channel that stays broken is tried less and less often, at least every ten minutes', async () => {
  const recorder = delivering(...Array.from({ length: 8 }, () => parked));
  await harness.withConversation({ recorder, first: 'human' }, async () => {
    await until(() => recorder.deliveries.length === 1, 'the first try');
    await harness.env.sleep(60 * MINUTE);
    const times = recorder.deliveryTimes.map((at) => Math.round((at - (recorder.deliveryTimes[0] ?? 0)) / MINUTE));
    expect(times.slice(0, 8)).toEqual([0, 1, 3, 7, 15, 25, 35, 45]);
  });
});

test('how often the outage was met is told with each try, and a repair ends it', async () => {
  const recorder = delivering(parked, parked, sent, sent);
  await harness.withConversation({ recorder, first: 'human' }, async ({ say }) => {
    await until(() => recorder.deliveries.length === 1, 'the first try');
    await harness.env.sleep(5 * MINUTE);
    await until(() => recorder.deliveries.length >= 3, 'the repair');
    await say('Now');
    await until(() => recorder.deliveries.length >= 4, 'the next delivery');
    expect(recorder.deliveries.slice(0, 4).map(({ tries }) => tries)).toEqual([undefined, 1, 2, undefined]);
  });
});

test('a channel that is missing is looked for ever more rarely by itself, and at once when somebody tells of one', async () => {
  const recorder = delivering(...Array.from({ length: 9 }, () => none));
  await harness.withConversation({ recorder, first: 'human' }, async ({ handle }) => {
    await until(() => recorder.deliveries.length === 1, 'the first look');
    await harness.env.sleep(75 * MINUTE);
    await until(() => recorder.deliveries.length === 5, 'looks by itself');
    expect(looksAfterSeconds(recorder)).toEqual([0, 5, 605, 1805, 4205]);
    await handle.signal(channelRepairedSignal);
    await until(() => recorder.deliveries.length === 6, 'a look at the channel that was made');
    expect(recorder.deliveries[5]).toMatchObject({ repaired: true });
    expect(times(recorder, copy.delayed)).toBe(0);
  });
});

test('new words look for a missing channel once in ten minutes, not each time', async () => {
  const recorder = delivering(...Array.from({ length: 9 }, () => none));
  await harness.withConversation({ recorder, first: 'human' }, async ({ say }) => {
    await until(() => recorder.deliveries.length === 1, 'the first look');
    await harness.env.sleep(10 * MINUTE + 10 * SECOND);
    for (const word of ['Hello?', 'Anybody?', 'I wait']) {
      await say(word);
      await harness.env.sleep(30 * SECOND);
    }
    await harness.env.sleep(20 * MINUTE);
    await until(() => recorder.deliveries.length === 4, 'a look with the new words');
    expect(looksAfterSeconds(recorder)).toEqual([0, 5, 605, 1205]);
  });
});

test('one bot that is refused while others are left is no repair: the visitor hears of the outage once', async () => {
  const refused: DeliverOutcome = { kind: 'sent', settled: 0, more: true };
  const recorder = delivering(refused, parked, refused, parked, sent);
  await harness.withConversation({ recorder, first: 'human' }, async ({ handle }) => {
    await harness.env.sleep(8 * MINUTE);
    await until(() => recorder.deliveries.length >= 5, 'the repair');
    await harness.atRest(handle);
    expect(times(recorder, copy.delayed)).toBe(1);
  });
});

test('as long as more is pending, it is delivered at once', async () => {
  const more: DeliverOutcome = { kind: 'sent', settled: 5, more: true };
  await harness.withConversation({ recorder: delivering(more, more) }, async ({ recorder, handle, ids }) => {
    await until(() => recorder.deliveries.length === 3, 'three writes');
    await harness.atRest(handle);
    expect(recorder.deliveries).toEqual([ids, ids, ids]);
  });
});

test('a parked channel is tried again, and the visitor who waits for a person is told once an outage', async () => {
  const recorder = delivering(parked, parked, parked, sent, parked, sent);
  await harness.withConversation({ recorder, first: 'human' }, async ({ handle, say }) => {
    await until(() => times(recorder, copy.delayed) === 1, 'the truth');
    await harness.atRest(handle);
    expect((await handle.query(statusQuery)).waitingFor).toBe('repair of the Telegram channel (bot_kicked)');
    await harness.env.sleep(8 * MINUTE);
    expect(recorder.deliveries).toHaveLength(4);
    expect(times(recorder, copy.delayed)).toBe(1);
    await say('Hello?');
    await until(() => times(recorder, copy.delayed) === 2, 'the second outage');
  });
});

test('an outage goes on while its next try waits for a slot', async () => {
  const wait: DeliverOutcome = { kind: 'wait', waitMs: 5 * SECOND, priority: 1 };
  const recorder = delivering(parked, wait, parked, wait, parked);
  await harness.withConversation({ recorder, first: 'human' }, async ({ handle }) => {
    await harness.env.sleep(8 * MINUTE);
    await until(() => recorder.deliveries.length === 6, 'the repair');
    await harness.atRest(handle);
    expect(times(recorder, copy.delayed)).toBe(1);
  });
});

test('a visitor with whom the bot speaks hears of a parked channel when a person is asked', async () => {
  const recorder = delivering(parked, parked, parked);
  await harness.withConversation({ recorder }, async ({ handle, say }) => {
    await until(() => recorder.deliveries.length === 1, 'the first try');
    await harness.atRest(handle);
    expect(times(recorder, copy.delayed)).toBe(0);
    await say('human');
    await until(() => times(recorder, copy.delayed) === 1, 'the truth');
    expect(recorder.texts.slice(-2)).toEqual([`bot: ${copy.handover}`, `system: ${copy.delayed}`]);
  });
});

test('a repaired channel is tried at once', async () => {
  const recorder = delivering({ ...parked, retryMs: DAY });
  await harness.withConversation({ recorder, first: 'human' }, async ({ handle }) => {
    await until(() => times(recorder, copy.delayed) === 1, 'the outage');
    await harness.env.sleep(HOUR);
    expect(recorder.deliveries).toHaveLength(1);
    await handle.signal(channelRepairedSignal);
    await until(() => recorder.deliveries.length === 2, 'the delivery');
    expect(recorder.deliveries[1]).toMatchObject({ repaired: true });
    await harness.atRest(handle);
    expect((await handle.query(statusQuery)).waitingFor).toBe('a person to claim it');
  });
});

test('a repair during the delivery that finds the channel broken is not overlooked', async () => {
  const recorder = new Recorder();
  const { opened, open } = recorder.gate();
  recorder.deliver = async () => {
    if (recorder.deliveries.length > 1) return sent;
    await opened;
    return { ...parked, retryMs: DAY };
  };
  await harness.withConversation({ recorder }, async ({ handle }) => {
    await until(() => recorder.deliveries.length === 1, 'the delivery under way');
    await handle.signal(channelRepairedSignal);
    // The query is answered from a state that knows the signal.
    await handle.query(statusQuery);
    open();
    await until(() => recorder.deliveries.length === 2, 'the delivery after the repair');
  });
});

test('a delivery that failed all its attempts starts over', async () => {
  const recorder = new Recorder();
  recorder.deliver = () => {
    if (recorder.deliveries.length <= 5) throw new Error('The network is down');
    return sent;
  };
  await harness.withConversation({ recorder }, async ({ handle }) => {
    await until(() => recorder.deliveries.length === 1, 'the first attempt');
    await harness.env.sleep(2 * MINUTE);
    await until(() => recorder.deliveries.length === 6, 'the delivery after five attempts');
    await harness.atRest(handle);
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.activityTaskFailedEventAttributes)).toHaveLength(1);
    expect((recorder.deliveryTimes[5] ?? 0) - (recorder.deliveryTimes[0] ?? 0)).toBeGreaterThanOrEqual(30 * SECOND);
  });
});

test('what an operator wants of a row is done at once, whatever the relay waits for', async () => {
  const recorder = delivering({ ...parked, retryMs: DAY }, { kind: 'no_channel' });
  await harness.withConversation({ recorder, first: 'human' }, async ({ handle }) => {
    await until(() => recorder.deliveries.length === 1, 'the outage');
    await handle.signal(ledgerSignal, { action: 'retry', key: 'a' });
    await until(() => recorder.deliveries.length === 2, 'the delivery that follows');
    await harness.atRest(handle);
    await handle.signal(ledgerSignal, { action: 'skip', key: 'b' });
    await handle.signal(ledgerSignal, { action: 'retry', key: 'c' });
    await until(() => recorder.changes.length === 3, 'all three');
    expect(recorder.changes.map(({ action, key }) => `${action} ${key}`)).toEqual(['retry a', 'skip b', 'retry c']);
  });
});

test('a notice from outside is one row by its key, and has a topic', async () => {
  const recorder = new Recorder();
  await harness.withConversation({ recorder }, async ({ handle }) => {
    const notice = { action: 'enqueue', key: 'order-1', text: 'The carrier has called', silent: false } as const;
    for (let again = 0; again < 3; again += 1) await handle.signal(ledgerSignal, notice);
    await until(() => recorder.outbox.some(({ key }) => key === 'order-1'), 'the notice');
    await harness.atRest(handle);
    const { text, silent } = notice;
    expect(recorder.turns.flatMap(({ outbox }) => outbox).filter(({ key }) => key === 'order-1')).toEqual([
      { key: 'order-1', priority: 0, effect: { kind: 'notice', text, silent } },
    ]);
  });
});
