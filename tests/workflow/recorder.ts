import { Context } from '@temporalio/activity';
import type {
  AiActivities,
  AiAnswer,
  AiAnswerInput,
  ConversationRow,
  DeliverInput,
  DeliverOutcome,
  DeliveryActivities,
  DomainEventRecord,
  EmptyConversationInput,
  FetchedFile,
  FetchFilesInput,
  FileActivities,
  LifecycleActivities,
  MessageEdit,
  NoteRecord,
  OutboxItem,
  RecordActivities,
  RecordTurnInput,
} from '../../contracts/activities.ts';
import type { DecidedMessage } from '../../contracts/conversation.ts';
import type { ServerFrame } from '../../contracts/frames.ts';
import type { LedgerChange } from '../../contracts/ledger.ts';

/** What a conversation's activities were asked to do, kept in memory with the same idempotency as the tables. */
export class Recorder
  implements RecordActivities, DeliveryActivities, LifecycleActivities, AiActivities, FileActivities
{
  readonly turns: RecordTurnInput[] = [];
  readonly messages: (DecidedMessage & { seq: number })[] = [];
  readonly edits: MessageEdit[] = [];
  readonly notes: NoteRecord[] = [];
  readonly events: DomainEventRecord[] = [];
  readonly outbox: OutboxItem[] = [];
  readonly frames: ServerFrame[] = [];
  readonly deliveries: DeliverInput[] = [];
  readonly changes: LedgerChange[] = [];
  /** When each delivery was asked for, on the server's clock (epoch ms). */
  readonly deliveryTimes: number[] = [];
  readonly questions: AiAnswerInput[] = [];
  readonly fetches: FetchFilesInput[] = [];
  purged = 0;
  /** How the conversation was emptied, once for each time. */
  readonly emptied: EmptyConversationInput[] = [];
  /** Runs before a turn is recorded; throw to make the database fail. */
  beforeRecord: (input: RecordTurnInput) => void | Promise<void> = () => undefined;
  /** Runs after a turn is recorded; throw to lose the answer of a transaction that was committed. */
  afterRecord: (input: RecordTurnInput) => void | Promise<void> = () => undefined;
  beforeEmptying: () => void | Promise<void> = () => undefined;
  beforePurge: () => void | Promise<void> = () => undefined;
  /** Answers deliveries; by default everything that is pending goes out at once. */
  deliver: (input: DeliverInput) => DeliverOutcome | Promise<DeliverOutcome> = () => ({ kind: 'idle' });
  /** Answers what is asked for with files; by default they are all there. */
  fetch: (input: FetchFilesInput) => FetchedFile[] | Promise<FetchedFile[]> = ({ fileIds }) =>
    fileIds.map((id) => ({ id }));
  answer: (input: AiAnswerInput) => AiAnswer | Promise<AiAnswer> = () => ({ kind: 'unknown' });
  readonly #gates: (() => void)[] = [];
  /** Numbers of messages that are gone. */
  #given = 0;

  /** Something to wait for until the test, or its end, opens it. */
  gate(): { opened: Promise<void>; open(): void } {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gates.push(open);
    return { opened, open };
  }

  /** The test is over: nothing fails and nothing waits any more. */
  letGo(): void {
    this.beforeRecord = this.afterRecord = this.beforePurge = this.beforeEmptying = () => undefined;
    this.deliver = () => ({ kind: 'idle' });
    this.answer = () => ({ kind: 'unknown' });
    this.fetch = ({ fileIds }) => fileIds.map((id) => ({ id }));
    for (const open of this.#gates) open();
  }

  recordTurn = async (input: RecordTurnInput): Promise<{ lastSeq: number }> => {
    await this.beforeRecord(input);
    this.turns.push(input);
    for (const message of input.messages) {
      if (this.messages.some(({ id }) => id === message.id)) continue;
      this.messages.push({ ...message, seq: this.#given + this.messages.length + 1 });
    }
    this.edits.push(...input.edits);
    this.notes.push(...input.notes.filter(({ id }) => !this.notes.some((note) => note.id === id)));
    this.events.push(...input.events.filter(({ id }) => !this.events.some((event) => event.id === id)));
    this.outbox.push(...input.outbox.filter(({ key }) => !this.outbox.some((item) => item.key === key)));
    this.frames.push(...input.frames);
    await this.afterRecord(input);
    return { lastSeq: this.#given + this.messages.length };
  };

  deliverToTopic = async (input: DeliverInput): Promise<DeliverOutcome> => {
    this.deliveries.push(input);
    this.deliveryTimes.push(Context.current().info.scheduledTimestampMs);
    return this.deliver(input);
  };

  changeLedger = async ({ change }: { change: LedgerChange }): Promise<void> => {
    this.changes.push(change);
  };

  fetchFiles = async (input: FetchFilesInput): Promise<FetchedFile[]> => {
    this.fetches.push(input);
    return this.fetch(input);
  };

  answerWithAi = async (input: AiAnswerInput): Promise<AiAnswer> => {
    this.questions.push(input);
    return this.answer(input);
  };

  publishFrames = async ({ frames }: { frames: ServerFrame[] }): Promise<void> => {
    this.frames.push(...frames);
  };

  emptyConversation = async (input: EmptyConversationInput): Promise<void> => {
    await this.beforeEmptying();
    this.emptied.push(input);
    this.#given += this.messages.length;
    for (const rows of [this.messages, this.notes, this.outbox]) rows.length = 0;
  };

  purgeConversation = async (): Promise<void> => {
    await this.beforePurge();
    this.purged += 1;
  };

  get texts(): string[] {
    return this.messages.map(({ author, text }) => `${author.kind}: ${text}`);
  }

  /** The conversation's row after the last turn. */
  get row(): ConversationRow | undefined {
    return this.turns.at(-1)?.conversation;
  }

  /** Of each turn that has edits; a turn that was recorded again counts once. */
  get editsByTurn(): MessageEdit[][] {
    const turns = new Map(this.turns.map(({ conversation: { turn }, edits }) => [turn, edits]));
    return [...turns.values()].filter((edits) => edits.length > 0);
  }

  get eventNames(): string[] {
    return this.events.map(({ name }) => name);
  }
}

/** Keeps the recorders of the conversations that share a worker. */
export class Recorders {
  readonly #byConversation = new Map<string, Recorder>();

  add(conversationId: string, recorder: Recorder): void {
    this.#byConversation.set(conversationId, recorder);
  }

  #of({ conversationId }: { conversationId: string }): Recorder {
    const recorder = this.#byConversation.get(conversationId);
    if (!recorder) throw new Error('No test owns this conversation');
    return recorder;
  }

  readonly activities: RecordActivities & DeliveryActivities & LifecycleActivities & FileActivities = {
    recordTurn: (input) => this.#of(input).recordTurn(input),
    deliverToTopic: (input) => this.#of(input).deliverToTopic(input),
    changeLedger: (input) => this.#of(input).changeLedger(input),
    fetchFiles: (input) => this.#of(input).fetchFiles(input),
    publishFrames: (input) => this.#of(input).publishFrames(input),
    emptyConversation: (input) => this.#of(input).emptyConversation(input),
    purgeConversation: (input) => this.#of(input).purgeConversation(),
  };

  readonly ai: AiActivities = { answerWithAi: (input) => this.#of(input).answerWithAi(input) };
}
