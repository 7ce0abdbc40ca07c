import { type Agent, firstOwnerOf } from '../../contracts/conversation.ts';
import { OUTBOX_PRIORITY } from '../../contracts/outboxPriority.ts';
import { initialPosition } from '../flow/stepFlow.ts';
import { remember } from './state.ts';
import { addEvent, addTopicEffect, type Context, mirrorOf, say } from './turn.ts';

const seconds = (count: number): number => count * 1_000;

/** Opens the topic from here on; what was said before is put there first. Not where there shall never be one. */
export function wantTopic(context: Context): void {
  const { input, state, turn } = context;
  if (state.topicWanted || input.setup.settings.topicPolicy === 'never') return;
  state.topicWanted = true;
  turn.backfillTopic = state.turn > 0;
  turn.outbox.push(...turn.messages.map(mirrorOf));
}

/** The visitor is waited for: remind, then close. Both count from this moment. */
export function armIdle({ input, state, now }: Context, cause: string): void {
  const { idleReminderSeconds, idleCloseSeconds } = input.setup.settings;
  disarmIdle(state);
  if (state.snoozedUntil !== null) return;
  if (idleReminderSeconds !== null) state.deadlines.idleReminder = { at: now + seconds(idleReminderSeconds), cause };
  if (idleCloseSeconds !== null) state.deadlines.idleClose = { at: now + seconds(idleCloseSeconds), cause };
}

export function disarmIdle(state: Context['state']): void {
  delete state.deadlines.idleReminder;
  delete state.deadlines.idleClose;
}

/** A person is asked: the conversation waits for one to claim it, and the first-response clock runs. Null words: all is said. */
export function handOver(context: Context, cause: string, reason: string, words: string | null): void {
  const { input, state } = context;
  if (state.owner === 'human') return;
  if (state.answer) dropAnswer(context);
  if (input.setup.settings.topicPolicy === 'never') return stayAlone(context, cause);
  state.owner = 'human';
  state.status = 'waiting';
  state.flow = { ...state.flow, stepId: null, attempts: 0 };
  delete state.deadlines.flowWait;
  disarmIdle(state);
  wantTopic(context);
  if (words !== null) say(context, `${cause}/handover`, { text: words });
  // Nobody will see it before the channel is repaired.
  if (state.relay.parkedReason !== undefined) sayDelayed(context, `${cause}/delayed`);
  addTopicEffect(context, `${cause}/handover`, { kind: 'notice', text: `Hand-over: ${reason}`, silent: false });
  addEvent(context, 'conversation.handed_over', cause, { reason });
  armFirstResponse(context, cause);
}

/** Nobody is there to hand over to: the bot says so, and the next question is its own again. */
function stayAlone(context: Context, cause: string): void {
  const { input, state } = context;
  state.flow = { ...state.flow, stepId: null, attempts: 0 };
  delete state.deadlines.flowWait;
  say(context, `${cause}/unanswered`, { text: input.setup.settings.copy.unanswered });
  armIdle(context, cause);
}

function armFirstResponse({ input, state, now }: Context, cause: string): void {
  const { firstResponseSlaSeconds } = input.setup.settings;
  if (firstResponseSlaSeconds === null) return;
  state.deadlines.firstResponseSla = { at: now + seconds(firstResponseSlaSeconds), cause };
}

/** `agent` becomes the one who answers. False when another holds the conversation. */
export function claim(context: Context, cause: string, agent: Agent): boolean {
  const { state, turn } = context;
  if (state.claimedBy) return state.claimedBy.id === agent.id;
  if (state.answer) dropAnswer(context);
  state.owner = 'human';
  state.status = 'active';
  state.claimedBy = agent;
  state.flow = { ...state.flow, stepId: null, attempts: 0 };
  delete state.deadlines.flowWait;
  disarmIdle(state);
  wantTopic(context);
  addEvent(context, 'conversation.claimed', cause, { agentId: agent.id });
  turn.frames.push({ type: 'agent_joined', agent: agent.name });
  return true;
}

/** Gives the conversation back to the flow. */
export function release(context: Context, cause: string): void {
  const { input, state, turn } = context;
  turn.rowChanged = true;
  state.owner = firstOwnerOf(input.setup);
  state.status = 'new';
  state.claimedBy = null;
  state.flow = { ...initialPosition(), started: true, variables: state.flow.variables };
  delete state.deadlines.firstResponseSla;
  addTopicEffect(context, cause, { kind: 'notice', text: 'Released: the bot answers again', silent: true });
  armIdle(context, cause);
}

/** Ends the conversation until someone writes again; retention counts from here. Null words: all is said. */
export function close(context: Context, cause: string, reason: string, words: string | null): void {
  const { input, state, turn, now } = context;
  if (state.status === 'closed') return;
  if (state.answer) dropAnswer(context);
  if (words !== null) say(context, `${cause}/closed`, { text: words, author: { kind: 'system' } });
  state.status = 'closed';
  state.owner = firstOwnerOf(input.setup);
  state.claimedBy = null;
  state.closedAt = now;
  state.closing = { cause };
  state.snoozedUntil = null;
  state.flow = initialPosition();
  state.questions = [];
  state.deadlines = { retention: { at: now + seconds(input.setup.settings.retentionSeconds), cause } };
  addEvent(context, 'conversation.closed', cause, { reason });
  addTopicEffect(context, cause, { kind: 'close_topic' });
  turn.frames.push({ type: 'conversation_closed' });
}

/** Opens a closed conversation again, owned by the flow. One whose retention has just ended stays. */
export function reopen(context: Context, cause: string): void {
  const { state, turn } = context;
  if (state.status !== 'closed') return;
  turn.purge = false;
  state.status = 'new';
  state.closedAt = null;
  delete state.closing;
  delete state.deadlines.retention;
  addEvent(context, 'conversation.reopened', cause, {});
  addTopicEffect(context, cause, { kind: 'reopen_topic' });
}

/** Quiet until `until`: neither reminders nor the first-response clock run. */
export function snooze(context: Context, cause: string, until: number): void {
  const { state, turn } = context;
  turn.rowChanged = true;
  state.snoozedUntil = until;
  delete state.deadlines.firstResponseSla;
  disarmIdle(state);
  state.deadlines.snooze = { at: until, cause };
}

/** Back from the snooze, which is told with a sound: somebody wanted it so. The clocks that it stopped run again, from now. */
export function endSnooze(context: Context, cause: string, words: string): void {
  const { state, turn } = context;
  turn.rowChanged = true;
  state.snoozedUntil = null;
  delete state.deadlines.snooze;
  addTopicEffect(context, `${cause}/snooze`, { kind: 'notice', text: words, silent: false });
  if (state.status === 'waiting') armFirstResponse(context, cause);
  else armIdle(context, cause);
}

/** Deliveries to the topic cannot go out until someone repairs the channel: a visitor who waits for a person is told. */
export function onParked(context: Context, cause: string): void {
  if (context.state.owner === 'human') sayDelayed(context, cause);
}

/** Somebody outside of the conversation tells its agents something; the same key is the same row. */
export function onEnqueue(
  context: Context,
  { key, text, silent }: { key: string; text: string; silent: boolean },
): void {
  if (!remember(context.state, `ledger/${key}`)) return;
  wantTopic(context);
  if (!context.state.topicWanted) return;
  const priority = silent ? OUTBOX_PRIORITY.reply : OUTBOX_PRIORITY.urgent;
  context.turn.outbox.push({ key, priority, effect: { kind: 'notice', text, silent } });
}

function sayDelayed(context: Context, cause: string): void {
  say(context, cause, { text: context.input.setup.settings.copy.delayed, author: { kind: 'system' } });
}

/** The answer in flight must not be heard any more: its draft disappears from the visitor's screen. */
function dropAnswer(context: Context): void {
  const { state, turn } = context;
  if (!state.answer) return;
  turn.frames.push({ type: 'message_discard', draftId: state.answer.draftId });
  state.answer = null;
  state.questions = [];
}
