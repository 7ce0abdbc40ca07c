import { asc, eq } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import type { RecordActivities, RecordTurnInput } from '../../contracts/activities.ts';
import { type ServerFrame, serverFrameSchema } from '../../contracts/frames.ts';
import { OUTBOX_PRIORITY, type OutboxPriority } from '../../contracts/outboxPriority.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import { conversationNotes } from '../../db/schema/conversationNotes.ts';
import { domainEvents } from '../../db/schema/domainEvents.ts';
import { outbox } from '../../db/schema/outbox.ts';
import { withTenant } from '../../db/withTenant.ts';
import type { Words } from '../../db/words.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { getConversation } from './fixtures/getConversation.ts';
import { botSays, turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

describe('recordTurn', () => {
  let db: Db;
  let tenant: TestTenant;
  let conversationId: string;
  let frames: ServerFrame[];
  let words: Words;
  let record: RecordActivities['recordTurn'];

  beforeAll(async () => {
    const { ownerUrl, appUrl } = inject('servers');
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 8 });
    words = wordsOf(db);
    tenant = await createTenant(db);
  });

  afterAll(() => db.close());

  beforeEach(() => {
    conversationId = uuidV7();
    frames = [];
    const publish = async (_ref: unknown, published: readonly ServerFrame[]) => {
      frames.push(...published);
    };
    record = createRecordActivities({ db, words, hub: { publish } }).recordTurn;
  });

  const ref = () => ({ tenantId: tenant.tenantId, conversationId });
  const turn = (parts: Parameters<typeof turnOf>[2]) => turnOf(tenant, conversationId, parts);
  const stored = async () => (await listMessages({ db, words }, ref(), { since: 0, limit: 500 })).messages;
  const texts = async () => (await stored()).map(({ seq, text }) => `${seq} ${text}`);
  const relay = (message: { id: string }, priority: OutboxPriority = 1): RecordTurnInput['outbox'][number] => ({
    key: `conv_msg_out_${message.id}`,
    priority,
    effect: { kind: 'message', messageId: message.id },
  });

  function rowsOf<T extends typeof conversationNotes | typeof domainEvents | typeof outbox>(table: T) {
    return withTenant(db, tenant.tenantId, (tx) =>
      tx
        .select()
        .from(table as typeof outbox)
        .where(eq(table.conversationId, conversationId)),
    );
  }

  async function queued(): Promise<{ key: string; kind: string; priority: number }[]> {
    return withTenant(db, tenant.tenantId, (tx) =>
      tx
        .select({ key: outbox.key, kind: outbox.kind, priority: outbox.priority })
        .from(outbox)
        .where(eq(outbox.conversationId, conversationId))
        .orderBy(asc(outbox.ordinal)),
    );
  }

  /** Everything that a turn can hold. */
  function fullTurn(): RecordTurnInput {
    const question = visitorSays('Where is my parcel?');
    const answer = botSays('Which one?', {
      choices: [{ id: 'last', label: 'The last one' }],
      sources: [{ title: 'Delivery', url: 'https://shop.test/delivery' }],
    });
    return turn({
      conversation: {
        status: 'waiting',
        owner: 'human',
        title: 'Parcel',
        visitorName: 'Visitor',
        source: { locale: 'de' },
      },
      messages: [question, answer],
      notes: [
        {
          id: uuidV7(),
          agent: { id: 'telegram:1', name: 'Agent' },
          text: 'Asked before',
          createdAt: 1_767_323_045_678,
        },
      ],
      events: [
        { id: uuidV7(), name: 'message.added', occurredAt: 1_767_323_045_678, data: { messageId: question.id } },
      ],
      outbox: [
        relay(question),
        { key: uuidV7(), priority: 0, effect: { kind: 'notice', text: 'Please take over', silent: false } },
        { key: uuidV7(), priority: 0, effect: { kind: 'rename', title: 'Parcel' } },
        { key: uuidV7(), priority: 0, effect: { kind: 'close_topic' } },
      ],
      frames: [{ type: 'info_note', key: 'handover', text: 'One moment' }],
    });
  }

  it('writes all of a turn and numbers its messages', async () => {
    const input = fullTurn();
    expect(await record(input)).toEqual({ lastSeq: 2 });

    expect(await stored()).toMatchObject([
      { seq: 1, direction: 'INBOUND', text: 'Where is my parcel?', createdAt: '2026-01-02T03:04:05.678Z' },
      { seq: 2, author: { kind: 'bot' }, choices: [{ id: 'last' }], sources: [{ title: 'Delivery' }] },
    ]);
    expect(await getConversation(db, ref())).toMatchObject({
      status: 'waiting',
      owner: 'human',
      title: 'Parcel',
      source: { locale: 'de' },
      lastSeq: 2,
      createdAt: new Date('2026-01-02T03:04:05.678Z'),
      closedAt: null,
    });
    const [note] = await rowsOf(conversationNotes);
    expect(note).toMatchObject({ agentName: 'Agent' });
    expect(note?.text && (await words.notes.open(tenant.tenantId, note.text))).toBe('Asked before');
    expect(await rowsOf(domainEvents)).toMatchObject([
      { name: 'message.added', data: { messageId: input.messages[0]?.id } },
    ]);
    const effects = (await rowsOf(outbox)).map(async ({ text, ...row }) => ({
      ...row,
      text: text && (await words.effects.open(tenant.tenantId, text)),
    }));
    expect(await Promise.all(effects)).toMatchObject([
      { kind: 'message', messageId: input.messages[0]?.id, state: 'pending', attempts: 0 },
      { kind: 'notice', text: 'Please take over', silent: false },
      { kind: 'rename', text: 'Parcel', silent: true },
      { kind: 'close_topic', text: null },
    ]);
  });

  it('publishes what it wrote, in order, as frames that clients understand', async () => {
    const reply = botSays('Hello', { author: { kind: 'agent', name: 'Agent' } });
    const input = { ...fullTurn(), messages: [visitorSays('Hi'), reply] };
    await record(input);
    expect(frames).toMatchObject([
      { type: 'message', seq: 1, text: 'Hi', clientMessageId: input.messages[0]?.clientMessageId },
      { type: 'message', seq: 2, text: 'Hello', agent: 'Agent', createdAt: '2026-01-02T03:04:05.678Z' },
      { type: 'info_note', key: 'handover' },
    ]);
    for (const frame of frames) expect(serverFrameSchema.parse(frame)).toEqual(frame);
  });

  it('goes on numbering where the turn before ended', async () => {
    await record(turn({ messages: [visitorSays('one'), botSays('two')] }));
    expect(await record(turn({ conversation: { turn: 2 }, messages: [visitorSays('three')] }))).toEqual({ lastSeq: 3 });
    expect(await texts()).toEqual(['1 one', '2 two', '3 three']);
  });

  it('meets its own rows when it is repeated, also in another order and with more to say', async () => {
    const [one, two, three] = [visitorSays('one'), botSays('two'), visitorSays('three')];
    const notes = fullTurn().notes;
    await record(turn({ messages: [one, two], notes, outbox: [relay(one), relay(two)] }));
    const again = await record(
      turn({ messages: [two, three, one], notes, outbox: [relay(two), relay(three), relay(one)] }),
    );

    expect(again).toEqual({ lastSeq: 3 });
    expect(await texts()).toEqual(['1 one', '2 two', '3 three']);
    expect((await queued()).map(({ key }) => key)).toEqual([one, two, three].map((message) => relay(message).key));
    expect(await rowsOf(conversationNotes)).toHaveLength(1);
    expect(frames.map((frame) => frame.type === 'message' && frame.seq)).toEqual([1, 2, 1, 2, 3]);
  });

  it('records a message once although its workflow forgot that it had seen it', async () => {
    const first = visitorSays('only once');
    await record(turn({ messages: [first] }));
    const repeat = { ...first, id: uuidV7() };
    expect(await record(turn({ conversation: { turn: 2 }, messages: [repeat, botSays('answer')] }))).toEqual({
      lastSeq: 2,
    });
    expect(await texts()).toEqual(['1 only once', '2 answer']);
  });

  it('gives numbers without holes or duplicates when attempts run at the same time', async () => {
    const turns = Array.from({ length: 10 }, (_, index) =>
      turn({ conversation: { turn: index + 1 }, messages: [visitorSays(`q${index}`), botSays(`a${index}`)] }),
    );
    const results = await Promise.all([...turns, ...turns, ...turns].map((input) => record(input)));

    const messages = await stored();
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(new Set(messages.map(({ text }) => text)).size).toBe(20);
    expect(Math.max(...results.map(({ lastSeq }) => lastSeq))).toBe(20);
    expect(await getConversation(db, ref())).toMatchObject({ lastSeq: 20, turn: 10 });
  });

  it("keeps a late attempt's messages but not its idea of the conversation's state", async () => {
    await record(turn({ conversation: { turn: 5, status: 'closed', owner: 'flow', closedAt: 1_767_323_045_678 } }));
    await record(
      turn({ conversation: { turn: 4, status: 'active', owner: 'human' }, messages: [visitorSays('late')] }),
    );
    expect(await getConversation(db, ref())).toMatchObject({ turn: 5, status: 'closed', owner: 'flow', lastSeq: 1 });
    expect(await texts()).toEqual(['1 late']);
  });

  it('moves on with the state and clears what no longer holds', async () => {
    const claimedBy = { id: 'telegram:1', name: 'Agent' };
    await record(
      turn({ conversation: { status: 'active', owner: 'human', claimedBy, snoozedUntil: 1_767_323_045_678 } }),
    );
    expect(await getConversation(db, ref())).toMatchObject({ claimedById: 'telegram:1', claimedByName: 'Agent' });
    await record(turn({ conversation: { turn: 2, status: 'new', owner: 'flow' } }));
    expect(await getConversation(db, ref())).toMatchObject({ status: 'new', claimedById: null, snoozedUntil: null });
  });

  it('writes nothing and publishes nothing when one part is refused', async () => {
    const broken = {
      ...fullTurn(),
      outbox: [{ key: 'x', priority: OUTBOX_PRIORITY.reply, effect: { kind: 'message', messageId: 'none' } as const }],
    };
    await expect(record(broken)).rejects.toMatchObject({ name: 'DatabaseError', code: 'internal' });
    expect(await getConversation(db, ref())).toBeUndefined();
    expect(await stored()).toEqual([]);
    expect(frames).toEqual([]);
  });

  it('puts earlier messages in front of a new topic, once', async () => {
    const earlier = [visitorSays('one'), botSays('two')];
    await record(turn({ messages: earlier }));
    expect(await queued()).toEqual([]);

    const asked = visitorSays('a person please');
    const notice: RecordTurnInput['outbox'][number] = {
      key: `notice_${conversationId}`,
      priority: 0,
      effect: { kind: 'notice', text: 'Hand-over', silent: false },
    };
    const handover = turn({
      conversation: { turn: 2 },
      messages: [asked],
      outbox: [relay(asked), notice],
      backfillTopic: true,
    });
    await record(handover);
    await record(handover);

    expect(await queued()).toEqual([
      { key: relay(earlier[0]!).key, kind: 'message', priority: 0 },
      { key: relay(earlier[1]!).key, kind: 'message', priority: 0 },
      { key: relay(asked).key, kind: 'message', priority: 1 },
      { key: notice.key, kind: 'notice', priority: 0 },
    ]);
  });

  it.each([
    ['a NUL character', 'a\0b', 'a\uFFFDb'],
    ['half a surrogate pair', 'a\ud83db', 'a\uFFFDb'],
    ['an emoji', 'a😀b', 'a😀b'],
    ['what looks like an escape', 'a\\u0000b', 'a\\u0000b'],
    ['quotes and a statement', `'"); DROP TABLE messages; --`, `'"); DROP TABLE messages; --`],
  ])('stores %s', async (_name, text, expected) => {
    await record(turn({ conversation: { visitorName: text }, messages: [visitorSays(text)] }));
    expect(await texts()).toEqual([`1 ${expected}`]);
  });

  it('succeeds although nobody can be told', async () => {
    const publish = () => Promise.reject(new Error('Redis is gone'));
    const { recordTurn } = createRecordActivities({ db, words, hub: { publish } });
    expect(await recordTurn(turn({ messages: [visitorSays('hi')] }))).toEqual({ lastSeq: 1 });
  });
});
