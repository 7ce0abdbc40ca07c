import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandUpdates, rateUpdate, statusQuery } from '../../workflows/conversation/messages.ts';
import { type Conversation, type Harness, startHarness } from './conversationHarness.ts';
import { agent } from './fixtures.ts';
import { until } from './until.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

type Handle = Conversation['handle'];

const close = (handle: Handle) =>
  handle.executeUpdate(commandUpdates.close, { args: [{ agent, command: { name: 'close' } }] });
const rate = (handle: Handle, rating: number) => handle.executeUpdate(rateUpdate, { args: [{ rating }] });
const refusal = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: unknown) =>
      error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.type,
  );

test('each closing is rated once: the first counts, is told to the agents without a sound, and moves no clock', async () => {
  await harness.withConversation({ first: 'human' }, async ({ recorder, handle, say }) => {
    const ratings = () => recorder.events.filter(({ name }) => name === 'conversation.rated');
    expect(await refusal(rate(handle, 5))).toBe('conversation_open');
    const { deadlines } = await close(handle);
    expect(await rate(handle, 4)).toEqual({ rating: 4 });
    expect(await Promise.all([rate(handle, 1), rate(handle, 4)])).toEqual([{ rating: 4 }, { rating: 4 }]);
    expect(ratings().map(({ data }) => data)).toEqual([{ rating: 4 }]);
    expect(await handle.query(statusQuery)).toMatchObject({ status: 'closed', deadlines });
    const notices = recorder.outbox.flatMap(({ effect }) => (effect.kind === 'notice' ? [effect] : []));
    expect(notices.at(-1)).toEqual({
      kind: 'notice',
      text: 'The visitor rated this conversation 4 of 5',
      silent: true,
    });
    expect(recorder.frames.filter(({ type }) => type === 'rated')).toEqual([{ type: 'rated', rating: 4 }]);

    await say('One more thing');
    await until(() => recorder.row?.status !== 'closed', 'reopening');
    expect(await refusal(rate(handle, 2))).toBe('conversation_open');
    await close(handle);
    await rate(handle, 2);
    expect(ratings().map(({ data }) => data)).toEqual([{ rating: 4 }, { rating: 2 }]);
  });
});

test('a rating that comes while the conversation is being purged finds none any more', async () => {
  const settings = { retentionSeconds: 60, idleReminderSeconds: null, idleCloseSeconds: 60 };
  await harness.withConversation({ settings }, async ({ recorder, handle }) => {
    const gate = recorder.gate();
    let purging = false;
    recorder.beforePurge = () => {
      purging = true;
      return gate.opened;
    };
    await harness.env.sleep(120_500);
    await until(() => purging, 'the purge');
    const late = refusal(rate(handle, 3));
    await harness.decided(handle);
    gate.open();
    expect(await late).toBe('conversation_not_found');
    await handle.result();
    expect(recorder.eventNames).not.toContain('conversation.rated');
  });
});
