import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createMemorySlots } from '../../channels/telegram/slots/createMemorySlots.ts';
import { migrate } from '../../db/migrate.ts';
import { createDesk, type Desk } from './fixtures/createDesk.ts';

/** The emulator's minute lasts three seconds. The spare part does not shrink with it: it is for this machine's delays. */
const FASTER = 20;
const MINUTE_MS = 60_000 / FASTER;
const SPARE_MS = 600;
const CONVERSATIONS = 12;
const MESSAGES = 10;

describe('a group that is busier than its budget', () => {
  let desk: Desk;

  beforeAll(() => migrate(inject('servers').ownerUrl));
  afterEach(() => desk.close());

  it('is never throttled, keeps the order of every topic, and lets waiting texts share a write', async () => {
    const slots = createMemorySlots({
      group: [{ count: 20, windowMs: MINUTE_MS + SPARE_MS }],
      botPerSecond: 1_000,
      lateMs: SPARE_MS / 2,
      looksRestMs: 0,
    });
    desk = await createDesk(inject('servers').appUrl, { limits: FASTER, slots });
    const texts = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);

    await Promise.all(
      Array.from({ length: CONVERSATIONS }, async (_, index) => {
        const chat = desk.conversation({ title: `Visitor ${index}` });
        const writing = (async () => {
          for (const text of texts) {
            await chat.says(text);
            await sleep(60);
          }
        })();
        await relayLikeTheWorkflow(chat, writing);
        expect(await chat.states()).toEqual(Array(MESSAGES).fill('sent'));
      }),
    );

    const calls = await desk.emulator.listCalls();
    expect(calls.filter(({ errorCode }) => errorCode !== undefined)).toEqual([]);
    expect(calls.length).toBeLessThanOrEqual(CONVERSATIONS * 4);
    const topics = await desk.emulator.listTopics();
    expect(topics).toHaveLength(CONVERSATIONS);
    for (const { threadId } of topics) {
      expect((await desk.texts(threadId)).join('\n').match(/message \d+/g)).toEqual(texts);
    }
  });
});

async function relayLikeTheWorkflow(chat: ReturnType<Desk['conversation']>, writing: Promise<void>): Promise<void> {
  let written = false;
  void writing.then(() => {
    written = true;
  });
  for (;;) {
    const last = written;
    const outcome = await chat.deliver();
    if (outcome.kind === 'wait') await sleep(outcome.waitMs);
    if (outcome.kind === 'idle' && last) return;
    if (outcome.kind === 'idle') await sleep(20);
  }
}
