import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listUndelivered } from '../../db/queries/outbox/listUndelivered.ts';
import { type DeskTenant, startTelegramStack, type TelegramStack } from './fixtures/startTelegramStack.ts';

describe('with open conversations', () => {
  let telegram: TelegramStack;
  let tenant: DeskTenant;

  beforeAll(async () => {
    telegram = await startTelegramStack();
    tenant = await telegram.tenant();
  });
  afterAll(() => telegram.stop());

  const connect = async (groupId: number, token: string) => {
    const body = { groupId: String(groupId), botTokens: [token] };
    const answer = await tenant.call('channels/telegram', { body });
    expect([200, 201]).toContain(answer.status);
    return (answer.body['channel'] as { id: string }).id;
  };
  /** What the topic's visitor said, as agents read it; all topics of the group when there is no number. */
  const said = async (groupId: number, threadId?: number) => {
    const listed = await telegram.emulator.listMessages({ groupId, threadId, allTopics: threadId === undefined });
    return listed.flatMap(({ message }) => (message.text?.includes('🧑') ? [message.text] : [])).join('\n');
  };

  it('a bot whose token was revoked is replaced: what waited follows by the new one, in its topic and in order', async () => {
    const { groupId, botId, token } = await telegram.group();
    await connect(groupId, token);
    const { visitor, threadId, heard } = await telegram.visit(tenant, groupId, 'With the first bot');
    await telegram.emulator.revokeToken({ botId });
    visitor.say('One');
    visitor.say('Two');
    const parked = () => listUndelivered(telegram.stack.db, tenant.tenantId, { parkedOnly: true, limit: 1 });
    await expect.poll(parked, { timeout: 10_000 }).toHaveLength(1);

    const second = await telegram.bot(groupId);
    await connect(groupId, second.token);
    await expect.poll(() => said(groupId, threadId), { timeout: 15_000 }).toMatch(/One[\s\S]*Two/);
    await telegram.emulator.postMessage({ groupId, threadId, text: 'By the second bot' });
    await visitor.message('By the second bot');
    expect(heard()).toEqual(['By the second bot']);
  });

  it('a group is replaced: its conversations go on in topics of the new one', async () => {
    tenant = await telegram.tenant();
    const first = await telegram.group();
    const id = await connect(first.groupId, first.token);
    const { visitor } = await telegram.visit(tenant, first.groupId, 'In the first group');
    expect((await tenant.call(`channels/${id}`, { method: 'DELETE' })).status).toBe(204);
    // Workers see it within 5 s; from then on words wait.
    let words = 0;
    const waiting = async () => {
      words += 1;
      visitor.say(`Number ${words}.`);
      return listUndelivered(telegram.stack.db, tenant.tenantId, { limit: 1 });
    };
    await expect.poll(waiting, { timeout: 10_000, interval: 500 }).toHaveLength(1);
    const second = await telegram.group();
    await connect(second.groupId, second.token);
    visitor.say('In the second group');
    await expect.poll(() => said(second.groupId), { timeout: 15_000 }).toContain('In the second group');
    const everywhere = `${await said(first.groupId)}\n${await said(second.groupId)}`;
    const numbers = [...everywhere.matchAll(/Number (\d+)\./g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: words }, (_, index) => index + 1));
    const [topic] = await telegram.emulator.listTopics({ groupId: second.groupId });
    await telegram.emulator.postMessage({ groupId: second.groupId, threadId: topic?.threadId, text: 'Here we are' });
    await visitor.message('Here we are');
  });
});
