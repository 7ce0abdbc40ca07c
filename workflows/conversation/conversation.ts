import {
  allHandlersFinished,
  condition,
  makeContinueAsNewFunc,
  setCurrentDetails,
  upsertSearchAttributes,
  type WorkflowInfo,
  workflowInfo,
} from '@temporalio/workflow';
import type { RecordTurnInput, RecordTurnResult } from '../../contracts/activities.ts';
import { type ConversationInput, type ConversationSetup, firstOwnerOf } from '../../contracts/conversation.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { startAlarm } from './alarm.ts';
import { startAnswering } from './answering.ts';
import { cardOf, refreshCard } from './card.ts';
import { decide } from './decide.ts';
import { startFetching } from './fetching.ts';
import { handleMessages } from './handleMessages.ts';
import { conversationActivities } from './proxies.ts';
import { createRecording } from './recording.ts';
import { startRelay } from './relay.ts';
import { takeResets } from './reset.ts';
import { CONVERSATION_STATUS, OWNER } from './searchAttributes.ts';
import { type ConversationState, emptiedState, initialState, isAwaited } from './state.ts';
import { isEmpty, mostUrgent, newTurn, type Turn } from './turn.ts';
import { detailsOf, rowOf } from './view.ts';

/** A killed worker's task is given to another after this long; a turn's local activity takes milliseconds. */
const WORKFLOW_TASK_TIMEOUT = '1s';

/** More than that is decided first: 300 of the longest messages would not fit into the next run's input (2 MB). */
const CARRIED_ITEMS = 20;

/** A history must be replayed within one task, on a busy worker too: about 1 ms of processor time an event. */
const MOST_EVENTS = 300;

const nextRun = makeContinueAsNewFunc<typeof conversation>({ workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT });

/**
 * One support conversation, from its first message to its purge: the single writer of what happens in it. Handlers only put
 * into the inbox; the loop decides a turn, records it in one local activity, and lets timers, deliveries and the AI follow.
 */
export async function conversation(input: ConversationInput<ConversationState>): Promise<void> {
  const { tenantId, conversationId } = input;
  const ref = { tenantId, conversationId };
  const state = input.carried ?? initialState(Date.now(), firstOwnerOf(input.setup));
  const activities = conversationActivities(tenantId);
  const recording = createRecording(activities);
  const alarm = startAlarm(state, recording);
  const answering = startAnswering(input, state, activities);
  const relay = startRelay(ref, state, { ...activities, recording }, (_reason, count) => {
    state.inbox.push({ kind: 'parked', cause: `parked/${count}` });
  });
  const fetching = startFetching(ref, state, { ...activities, recording });
  const decided = handleMessages(input, state, relay);
  let published = { status: state.status, owner: state.owner };

  /** Decides all that waits, as one turn, and says how what updates asked for ended. */
  function decideAll(): { turn: Turn; outcomes: [string, ErrorCode | null][] } {
    const turn = newTurn();
    const outcomes: [string, ErrorCode | null][] = [];
    const card = cardOf(state);
    for (const item of state.inbox.splice(0)) {
      const refusal = decide({ input, state, turn, now: Date.now() }, item);
      if (isAwaited(item)) outcomes.push([item.key, refusal]);
    }
    refreshCard({ input, state, turn, now: Date.now() }, card);
    return { turn, outcomes };
  }

  function recordInput(turn: Turn): RecordTurnInput {
    state.turn += 1;
    state.updatedAt = Date.now();
    return {
      ...ref,
      conversation: rowOf(input, state),
      messages: turn.messages,
      edits: turn.edits,
      notes: turn.notes,
      events: turn.events,
      outbox: turn.outbox,
      backfillTopic: turn.backfillTopic,
      frames: turn.frames,
    };
  }

  function showOperators(): void {
    setCurrentDetails(detailsOf(input, state));
    publishAttributes(state);
  }

  function publishAttributes({ status, owner }: Pick<ConversationState, 'status' | 'owner'>): void {
    if (status === published.status && owner === published.owner) return;
    upsertSearchAttributes([
      { key: CONVERSATION_STATUS, value: status },
      { key: OWNER, value: owner },
    ]);
    published = { status, owner };
  }

  /** The history is long: answers and deliveries stop first, so that the next run finds no activity of this one at work. */
  let winding: 'no' | 'down' | 'done' = 'no';
  const mustWindDown = () => winding === 'no' && isLong(workflowInfo());
  const mayContinue = () => winding === 'done' && state.inbox.length <= CARRIED_ITEMS && allHandlersFinished();

  async function windDown(): Promise<void> {
    winding = 'down';
    await answering.hold();
    await fetching.stop();
    await relay.stop();
    winding = 'done';
  }

  async function purge(): Promise<void> {
    await fetching.stop();
    await relay.stop();
    await activities.lifecycle.purgeConversation(ref);
    decided.refuseOthers('conversation_not_found');
    await condition(allHandlersFinished);
    // Acknowledged while it was being deleted: not lost, but the start of a conversation with nothing before it.
    const inbox = state.inbox.filter(({ kind }) => kind === 'visitorMessage');
    if (inbox.length === 0 || decided.ending()) return;
    const carried = { ...initialState(Date.now(), firstOwnerOf(input.setup)), inbox };
    publishAttributes(carried);
    await nextRun({ ...input, carried });
  }

  /** Deletes what was said; what is said after the reset is for the run that begins anew. */
  async function startAnew(setup: ConversationSetup): Promise<void> {
    state.answer = null;
    answering.follow();
    await answering.hold();
    await fetching.stop();
    await relay.stop();
    const carried = emptiedState(state, Date.now(), firstOwnerOf(setup));
    const { turn, owner } = carried;
    await activities.lifecycle.emptyConversation.executeWithOptions({ summary: 'Empty the conversation' }, [
      { ...ref, turn, owner },
    ]);
    // One that came meanwhile is done as well: nothing has been recorded since.
    for (const key of takeResets(state.inbox)) decided.settle(key, null);
    decided.refuseOthers('conflict');
    publishAttributes(carried);
    await condition(allHandlersFinished);
    if (decided.ending()) return;
    await nextRun({ ...input, setup, carried: { ...carried, inbox: state.inbox } });
  }

  /** The conversation is being erased: nothing is decided or written any more, and what is under way ends. */
  async function end(): Promise<void> {
    state.answer = null;
    answering.follow();
    await fetching.stop();
    await relay.stop();
    decided.refuseOthers('conversation_not_found');
    await condition(allHandlersFinished);
  }

  alarm.rearm();
  // An answer that the run before did not ask for any more; what is in the inbox may be one that it did.
  if (state.inbox.length === 0) {
    answering.follow();
    fetching.follow();
  }
  showOperators();
  for (;;) {
    await condition(() => decided.ending() || state.inbox.length > 0 || mustWindDown() || mayContinue());
    if (decided.ending()) return end();
    if (mayContinue()) return nextRun({ ...input, carried: state });
    if (mustWindDown()) void windDown();
    if (state.inbox.length === 0) continue;
    const reset = state.inbox.find((item) => item.kind === 'reset');
    if (reset) return startAnew(reset.setup);
    const { turn, outcomes } = decideAll();
    if (!isEmpty(turn)) {
      const record = recordInput(turn);
      let recorded: RecordTurnResult | undefined;
      try {
        recorded = await recording.attempt(record);
      } catch (failure) {
        recorded = await recording.retry(record, failure);
      } finally {
        recording.end();
      }
      if (!recorded) return end();
      state.lastSeq = recorded.lastSeq;
      if (turn.outbox.length > 0 || turn.backfillTopic) relay.wake(mostUrgent(turn));
    }
    for (const [key, refusal] of outcomes) decided.settle(key, refusal);
    if (turn.purge) return purge();
    alarm.rearm();
    answering.follow();
    fetching.follow();
    showOperators();
  }
}

function isLong({ continueAsNewSuggested, historyLength }: WorkflowInfo): boolean {
  return continueAsNewSuggested || historyLength > MOST_EVENTS;
}
