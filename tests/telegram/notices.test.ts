import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { eq } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createNoticeActivities } from '../../activities/notices/createNoticeActivities.ts';
import type { TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import type { NoticeActivities } from '../../contracts/notices.ts';
import { migrate } from '../../db/migrate.ts';
import { putNotice } from '../../db/queries/notices/putNotice.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { domainEvents } from '../../db/schema/domainEvents.ts';
import { groupNotices } from '../../db/schema/groupNotices.ts';
import { tenantSettings } from '../../db/schema/tenantSettings.ts';
import { withTenant } from '../../db/withTenant.ts';
import { addAdministrator } from '../db/fixtures/addAdministrator.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { createDesk, type Desk, unlimitedSlots } from './fixtures/createDesk.ts';

const MINUTE_MS = 60_000;
const BOT_ID = 4711;

describe('the General topic', () => {
  let desk: Desk;
  let mails: { to: string; text: string }[];
  let activities: NoticeActivities;
  /** Of each notice, whether it made one. */
  let sounds: boolean[];
  let slots: TelegramSlots;

  beforeAll(() => migrate(inject('servers').ownerUrl));
  beforeEach(async () => {
    desk = await createDesk(inject('servers').appUrl);
    mails = [];
    sounds = [];
    slots = unlimitedSlots();
    const client = (await desk.telegram.connectionsOf(desk.tenantId))[0]?.bots[0]?.client;
    if (!client) throw new Error('not connected');
    const { announce } = client;
    client.announce = (chatId, text, silent) => {
      sounds.push(!silent);
      return announce(chatId, text, silent);
    };
    activities = createNoticeActivities({
      db: desk.db,
      slots,
      telegram: desk.telegram,
      environment: 'development',
      mailer: { send: async (mail) => void mails.push(mail) },
      logger: { warn: () => {}, error: () => {} },
    });
    await settings({ summaryHour: (new Date().getUTCHours() + 12) % 24 });
  });
  afterEach(() => desk.close());

  const settings = (notices: object) =>
    withTenant(desk.db, desk.tenantId, (tx) =>
      tx
        .insert(tenantSettings)
        .values({ tenantId: desk.tenantId, environment: 'development', settings: { notices } })
        .onConflictDoUpdate({
          target: [tenantSettings.tenantId, tenantSettings.environment],
          set: { settings: { notices } },
        }),
    );
  const tell = () =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(activities.tellGroup, {
      tenantId: desk.tenantId,
    });
  /** One minute of the schedule, for this desk alone: whether there was something to tell, and telling it. */
  async function minute(): Promise<boolean> {
    const { tenantIds } = await activities.findNotices({ after: predecessor(desk.tenantId) });
    if (!tenantIds.includes(desk.tenantId)) return false;
    await tell();
    return true;
  }
  const general = async () => {
    const listed = await desk.emulator.listMessages({ groupId: desk.groupId });
    return listed.flatMap(({ message }) => (message.text === undefined ? [] : [message.text]));
  };
  const notices = () =>
    withTenant(desk.db, desk.tenantId, (tx) =>
      tx.select().from(groupNotices).where(eq(groupNotices.tenantId, desk.tenantId)),
    );
  const states = async () => (await notices()).map(({ state }) => state);

  /** A conversation that waits since so many minutes; nobody has answered it in time if it is late. */
  async function waits(minutes: number, { late = false } = {}) {
    const chat = desk.conversation({ status: 'waiting' });
    await chat.says('Hello?');
    const event = (name: 'conversation.handed_over' | 'conversation.sla_breached', ago: number) => ({
      ...chat.ref,
      id: uuidV7(),
      name,
      data: {},
      occurredAt: new Date(Date.now() - ago * MINUTE_MS),
    });
    const events = [event('conversation.handed_over', minutes)];
    if (late) events.push(event('conversation.sla_breached', 0));
    await withTenant(desk.db, desk.tenantId, (tx) => tx.insert(domainEvents).values(events));
    return chat;
  }

  /** Words that cannot be delivered, in a tenant with an administrator. */
  async function withParked() {
    await addAdministrator(desk.db, desk.tenantId);
    const chat = desk.conversation();
    await desk.emulator.setRights({ userId: BOT_ID, rights: { can_manage_topics: false } });
    await chat.says('Anybody?');
    expect(await chat.deliver()).toMatchObject({ kind: 'parked' });
  }

  it('hears, once and with a sound, of all who wait for a person', async () => {
    await waits(1);
    expect(await minute()).toBe(false);
    await waits(12);
    await waits(3, { late: true });
    expect(await minute()).toBe(true);
    expect(await general()).toEqual([
      '🔔 2 conversations wait for a person, the first for 12 min.\n⏰ 1 of them got no answer in time (SLA).',
    ]);
    const [said] = (await desk.emulator.listMessages({ groupId: desk.groupId })).slice(-1);
    expect(said?.message.message_thread_id).toBeUndefined();
    expect(sounds).toEqual([true]);
    expect(await minute()).toBe(false);
    expect(await states()).toEqual(['sent']);
  });

  it('hears of what is parked, which another bot may still tell', async () => {
    const chat = desk.conversation();
    await desk.emulator.setRights({ userId: BOT_ID, rights: { can_manage_topics: false } });
    await chat.says('Anybody?');
    expect(await chat.deliver()).toMatchObject({ kind: 'parked' });
    expect(await minute()).toBe(true);
    expect(await general()).toEqual(['📦 In 1 conversation words could not be delivered here; they are kept.']);
    expect(await minute()).toBe(false);
  });

  it('is told by mail where no bot can speak any more', async () => {
    const kicked = (at: number) =>
      putNotice(desk.db, desk.tenantId, `trouble/4711/${at}`, { kind: 'trouble', botId: '4711', trouble: 'kicked' });
    await desk.emulator.kick({ userId: BOT_ID });
    await kicked(1);
    expect(await minute()).toBe(true);
    // Nobody administers this tenant yet: the log has to do.
    expect([await states(), mails]).toEqual([['failed'], []]);
    expect(await minute()).toBe(false);

    const email = await addAdministrator(desk.db, desk.tenantId);
    await kicked(2);
    expect(await minute()).toBe(true);
    expect((await states()).toSorted()).toEqual(['failed', 'mailed']);
    expect(mails).toMatchObject([{ to: email, text: expect.stringContaining('was removed from this group') }]);
  });

  it('is told by mail of a group that is gone, and all that waited arrives in order once it is there', async () => {
    const address = await addAdministrator(desk.db, desk.tenantId);
    const [known, fresh] = [desk.conversation({ title: 'Known' }), desk.conversation({ title: 'Fresh' })];
    await known.says('zero');
    await known.drain();
    const gone = { kind: 'refuse', code: 400, description: 'Bad Request: chat not found', count: 1_000 } as const;
    await desk.emulator.injectFault(gone);
    for (const chat of [known, fresh]) {
      await chat.says('one', 'two');
      expect(await chat.deliver()).toEqual({ kind: 'parked', reason: 'group_gone', retryMs: 60_000 });
      await chat.says('three');
    }
    expect(await known.states()).toEqual(['sent', 'parked', 'parked', 'pending']);
    expect(desk.logs).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ reason: 'group_gone' }) }),
    );
    expect(await minute()).toBe(true);
    expect(mails).toMatchObject([{ to: address, text: expect.stringContaining('In 2 conversations words could not') }]);
    expect(await states()).toEqual(['mailed']);

    await desk.emulator.clearFaults();
    for (const chat of [known, fresh]) await chat.drain({ repaired: true });
    const topics = await desk.emulator.listTopics();
    const threadOf = (title: string) => topics.find(({ name }) => name.includes(title))?.threadId;
    expect((await desk.texts(threadOf('Known'))).join('\n').match(/zero|one|two|three/g)).toEqual([
      ...['zero', 'one', 'two', 'three'],
    ]);
    expect((await desk.texts(threadOf('Fresh'))).join('\n').match(/one|two|three/g)).toEqual(['one', 'two', 'three']);
    for (const chat of [known, fresh]) expect(new Set(await chat.states())).toEqual(new Set(['sent']));
  });

  it('hears by its name of a bot that is no administrator any more, and what to do', async () => {
    await desk.emulator.setStatus({ userId: BOT_ID, status: 'member' });
    const notice = { kind: 'trouble', botId: String(BOT_ID), trouble: 'not_administrator' } as const;
    await putNotice(desk.db, desk.tenantId, 'trouble/4711/1', notice);
    await putNotice(desk.db, desk.tenantId, 'misplaced/1', { kind: 'misplaced_command' });
    expect(await minute()).toBe(true);
    expect(await general()).toEqual([
      expect.stringMatching(/^⚠️ The bot @\w+ is no administrator[\s\S]*Administrators[\s\S]*\/setprivacy/),
      expect.stringContaining('/help in a topic'),
    ]);
    expect(sounds).toEqual([true, false]);
  });

  it('mails once a day of what stays parked', async () => {
    await addAdministrator(desk.db, desk.tenantId);
    await desk.emulator.kick({ userId: BOT_ID });
    const chat = desk.conversation();
    await chat.says('Anybody?');
    await chat.deliver();
    expect(await minute()).toBe(true);
    await waits(5, { late: true });
    expect(await minute()).toBe(true);
    expect([(await states()).toSorted(), mails.length]).toEqual([['failed', 'mailed'], 1]);
    expect(mails[0]?.text).toContain('words could not be delivered here');
  });

  it('hears of the day, silently and once, although it is asked twice and at once', async () => {
    await settings({ summaryHour: new Date().getUTCHours() });
    const { ref } = await waits(1);
    const rated = (rating: number) => ({ id: uuidV7(), name: 'conversation.rated' as const, data: { rating } });
    const events = [5, 4].map((rating) => ({ ...ref, ...rated(rating), occurredAt: new Date() }));
    await withTenant(desk.db, desk.tenantId, (tx) => tx.insert(domainEvents).values(events));
    await Promise.all([activities.findNotices({ after: null }), activities.findNotices({ after: null })]);
    await Promise.all([tell(), tell(), tell()]);
    await minute();
    const texts = (await general()).filter((text) => text.startsWith('📊'));
    expect(texts).toEqual([
      expect.stringMatching(
        /^📊 The last 24 hours: \d conversations? began, 0 closed\.\n⭐ 2 ratings, 4\.5 of 5 on average\.\n🔔 1 /,
      ),
    ]);
    expect(sounds).toEqual([false]);
  });

  it('is not told twice what may have been told: the answer that never came, and the attempt that died', async () => {
    await waits(5);
    await desk.emulator.injectFault({ kind: 'hang', method: 'sendMessage' });
    await minute();
    expect(await states()).toEqual(['unknown']);
    expect(await general()).toHaveLength(1);
    await withTenant(desk.db, desk.tenantId, (tx) =>
      tx.update(groupNotices).set({ state: 'sending', updatedAt: new Date(Date.now() - 2 * MINUTE_MS) }),
    );
    await tell();
    expect(await states()).toEqual(['unknown']);
    expect(await general()).toHaveLength(1);
  });

  it('is told in the upgraded group, whatever met the upgrade first', async () => {
    await waits(5);
    const newGroupId = desk.groupId * 10;
    await desk.emulator.upgradeGroup({ newGroupId });
    const moved: unknown[] = [];
    slots.moveGroup = async (...move) => void moved.push(move);
    await expect(minute()).rejects.toMatchObject({ type: 'TelegramUnavailable' });
    await minute();
    expect(await states()).toEqual(['sent']);
    const listed = await desk.emulator.listMessages({ groupId: newGroupId, allTopics: true });
    expect(listed.map(({ message }) => message.text).join()).toContain('1 conversation waits');
    expect(moved).toEqual([[[String(BOT_ID)], String(desk.groupId), String(newGroupId)]]);
  });

  it('hears nothing of a group that was upgraded to the id of another tenant: administrators do', async () => {
    await withParked();
    const newGroupId = desk.groupId * 10;
    const { tenantId } = await createTenant(desk.db);
    const id = crypto.randomUUID();
    await saveChannelConnection(desk.db, { tenantId, id, type: 'telegram', channelId: String(newGroupId) });
    await desk.emulator.upgradeGroup({ newGroupId });
    await minute();
    expect(mails).toHaveLength(1);
    expect(await states()).toEqual(['mailed']);
  });

  it('does not wait for hours: administrators are told by mail', async () => {
    await withParked();
    await desk.emulator.injectFault({ kind: 'retryAfter', method: 'sendMessage', seconds: 10_072 });
    await minute();
    expect(mails).toEqual([expect.objectContaining({ text: expect.stringContaining('(throttled)') })]);
  });

  it('keeps for after a rest of hours what nobody is mailed, with the newest figures', async () => {
    await addAdministrator(desk.db, desk.tenantId);
    await waits(5);
    const { reserve } = slots;
    slots.reserve = async () => ({ kind: 'wait', waitMs: 10_072_000, resting: true });
    expect(await minute()).toBe(true);
    expect([await states(), mails]).toEqual([['pending'], []]);
    await waits(4);
    slots.reserve = reserve;
    expect(await minute()).toBe(true);
    expect(await general()).toEqual([expect.stringContaining('2 conversations wait')]);
    expect(await states()).toEqual(['sent']);
  });

  it('is told later what Telegram had no time for, with the newest figures', async () => {
    await waits(5);
    await desk.emulator.injectFault({ kind: 'retryAfter', method: 'sendMessage', seconds: 1 });
    await expect(minute()).rejects.toMatchObject({ type: 'TelegramSlot', nextRetryDelay: 1_000 });
    expect(await states()).toEqual(['pending']);
    await waits(4);
    await expect.poll(() => minute().catch(() => false), { timeout: 5_000 }).toBe(true);
    expect(await general()).toEqual([expect.stringContaining('2 conversations wait')]);
    expect(await states()).toEqual(['sent']);
  });

  it('hears nothing that the tenant has switched off', async () => {
    await settings({ alerts: false, dailySummary: false, summaryHour: new Date().getUTCHours() });
    await waits(5, { late: true });
    expect(await minute()).toBe(false);
    expect(await notices()).toEqual([]);
  });
});

/** The greatest id before this one: a page that begins there holds the tenant, however many others there are. */
function predecessor(id: string): string {
  const last = Number.parseInt(id.slice(-4), 16);
  return `${id.slice(0, -4)}${Math.max(0, last - 1)
    .toString(16)
    .padStart(4, '0')}`;
}
