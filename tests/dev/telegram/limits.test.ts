import { Telegram } from 'telegraf';
import { expect, it } from 'vitest';
import { botId, eventually, groupId, refusal, startEmulator } from './emulatorFixture.ts';

it('a bot writes twenty times a minute to a group, whatever it writes', async () => {
  const { emulator, telegram } = await startEmulator({ limits: 'real' });
  const { message_thread_id } = await telegram.createForumTopic(groupId, 'Visitor');
  const { message_id } = await telegram.sendMessage(groupId, 'x', { message_thread_id });
  await telegram.editMessageText(groupId, message_id, undefined, 'y');
  await telegram.pinChatMessage(groupId, message_id);
  await telegram.closeForumTopic(groupId, message_thread_id);
  for (let i = 5; i < 20; i += 1) await telegram.sendMessage(groupId, `${i}`);

  const refused = await refusal(telegram.sendMessage(groupId, 'too much'));
  const seconds = (refused.parameters as { retry_after: number }).retry_after;
  expect(refused).toEqual({
    code: 429,
    description: `Too Many Requests: retry after ${seconds}`,
    parameters: { retry_after: seconds },
  });
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThanOrEqual(60);
  expect((await refusal(telegram.editMessageText(groupId, message_id, undefined, 'z'))).code).toBe(429);
  // Neither a reaction nor a refused call takes from the budget.
  await telegram.setMessageReaction(groupId, message_id, [{ type: 'emoji', emoji: '👍' }]);

  const calls = await emulator.listCalls();
  expect(calls.reduce((sum, call) => sum + call.cost, 0)).toBe(20);
  expect(calls.filter((call) => call.errorCode === 429)).toHaveLength(2);
});

it('each bot has a budget of its own', async () => {
  const { emulator, telegram } = await startEmulator({ limits: 'real' });
  const token = '5000000002:another-bot-token';
  const second = await emulator.addBot({ token });
  await emulator.addMember({ userId: second.botId });
  for (let i = 0; i < 20; i += 1) await telegram.sendMessage(groupId, 'x');
  expect((await refusal(telegram.sendMessage(groupId, 'x'))).code).toBe(429);
  await new Telegram(token, { apiRoot: emulator.url }).sendMessage(groupId, 'x');
});

it('an album costs as many writes as it has items, and fits or not as a whole', async () => {
  const { emulator, telegram } = await startEmulator({ limits: { groupWritesPerMinute: 3 } });
  const item = { type: 'document' as const, media: { source: Buffer.from('x') } };
  await telegram.sendMediaGroup(groupId, [item, item]);
  expect((await refusal(telegram.sendMediaGroup(groupId, [item, item]))).code).toBe(429);
  await telegram.sendMessage(groupId, 'fits');
  expect((await emulator.listMessages()).filter(({ message }) => message.document)).toHaveLength(2);
});

it('thirty writes a second over all groups', async () => {
  const { emulator, telegram } = await startEmulator({ limits: 'real' });
  const other = await emulator.addGroup({ groupId: -1_001_000_000_009, title: 'Other' });
  await emulator.addMember({ groupId: other.groupId, userId: botId });
  const all = [groupId, other.groupId].flatMap((id) => Array.from({ length: 16 }, () => telegram.sendMessage(id, 'x')));
  const refused = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(2);
});

it('one write a second to a group, where that is asked for', async () => {
  const { telegram } = await startEmulator({ limits: { groupWritesPerSecond: 1 } });
  await telegram.sendMessage(groupId, 'x');
  expect(await refusal(telegram.sendMessage(groupId, 'x'))).toMatchObject({ parameters: { retry_after: 1 } });
});

it('refills faster by a factor', async () => {
  const { telegram } = await startEmulator({ limits: { factor: 120, writesPerSecond: 100 } });
  for (let i = 0; i < 20; i += 1) await telegram.sendMessage(groupId, 'x');
  expect(await refusal(telegram.sendMessage(groupId, 'x'))).toMatchObject({ parameters: { retry_after: 1 } });
  // Half a second holds a minute of this clock.
  await eventually(() => telegram.sendMessage(groupId, 'x').catch(() => undefined), 'a free slot');
});

it('can be switched while it runs', async () => {
  const { emulator, telegram } = await startEmulator();
  for (let i = 0; i < 40; i += 1) await telegram.sendMessage(groupId, 'x');
  await emulator.setLimits({ limits: { groupWritesPerMinute: 1 } });
  await telegram.sendMessage(groupId, 'x');
  expect((await refusal(telegram.sendMessage(groupId, 'x'))).code).toBe(429);
  await emulator.setLimits({ limits: 'off' });
  await telegram.sendMessage(groupId, 'x');
});

it('chat actions have budgets of their own', async () => {
  const { telegram } = await startEmulator({ limits: 'real' });
  for (let i = 0; i < 20; i += 1) await telegram.sendChatAction(groupId, 'typing');
  expect((await refusal(telegram.sendChatAction(groupId, 'typing'))).code).toBe(429);
  await telegram.sendMessage(groupId, 'x');
});
