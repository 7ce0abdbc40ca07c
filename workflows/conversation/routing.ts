import type { VisitorMessageSignal } from '../../contracts/conversation.ts';
import { stepFlow } from '../flow/stepFlow.ts';
import type { FlowEvent, FlowNext } from '../flow/types.ts';
import { armIdle, close, disarmIdle, endSnooze, handOver, reopen, wantTopic } from './lifecycle.ts';
import type { Question } from './state.ts';
import { remember } from './state.ts';
import { addEvent, addMessage, type Context, idOf, say } from './turn.ts';

/** A visitor's message: recorded always, then answered by whoever owns the conversation. */
export function onVisitorMessage(context: Context, message: VisitorMessageSignal): void {
  const { input, state, now } = context;
  if (!remember(state, message.clientMessageId)) return;
  const cause = `visitor/${message.clientMessageId}`;
  if (isNew(context)) start(context);
  if (state.status === 'closed') reopen(context, cause);
  if (state.snoozedUntil !== null) endSnooze(context, cause, 'The visitor writes: the snooze is over');
  if (input.setup.settings.topicPolicy === 'first_message') wantTopic(context);
  disarmIdle(state);
  greet(context, cause);
  const { name } = input.visitor;
  addMessage(
    context,
    {
      id: idOf(context, cause),
      clientMessageId: message.clientMessageId,
      direction: 'INBOUND',
      author: name === undefined ? { kind: 'visitor' } : { kind: 'visitor', name },
      text: message.text,
      ...(message.attachments ? { attachments: message.attachments } : {}),
      ...(message.replyTo === undefined ? {} : { replyTo: { messageId: message.replyTo } }),
      createdAt: Math.min(message.receivedAt, now),
    },
    'mirror',
  );
  if (state.owner === 'human') return;
  // Nobody but a person can say something to a picture.
  if (message.text.trim() === '')
    return handOver(context, cause, 'a file without words', input.setup.settings.copy.handover);
  const question: Question = { cause, text: message.text };
  if (message.choiceId !== undefined) question.choiceId = message.choiceId;
  if (state.answer) state.questions.push(question);
  else route(context, question);
}

/** The first contract's start: the topic is there with the welcome, before the visitor has said a word. */
export function onOpen(context: Context, { welcome }: { welcome: string }): void {
  if (!isNew(context)) return;
  start(context);
  wantTopic(context);
  say(context, 'open/welcome', { text: welcome });
  armIdle(context, 'open');
}

function isNew({ state, turn }: Context): boolean {
  return state.turn === 0 && turn.messages.length === 0;
}

function start(context: Context): void {
  const { setup, channel } = context.input;
  addEvent(context, 'conversation.started', 'start', { siteId: setup.siteId, channel });
}

/** The agent's first words stand above the user's, who has seen them before writing. */
function greet(context: Context, cause: string): void {
  const { input, state } = context;
  if (state.greeted || !input.setup.agent) return;
  state.greeted = true;
  const { greeting } = input.setup.agent;
  if (greeting !== null) say(context, `${cause}/greeting`, { text: greeting });
}

/** Flow first, then AI, then a person. The bot may speak again as often as the settings say. */
export function route(context: Context, question: Question): void {
  context.state.botTurns = 0;
  context.state.waitedAt = [];
  const event: FlowEvent = { kind: 'message', text: question.text };
  if (question.choiceId !== undefined) event.choiceId = question.choiceId;
  advanceFlow(context, question.cause, event);
}

/** Lets the flow take its steps for `event` and does what it asks for. Without a flow every message is unmatched. */
export function advanceFlow(context: Context, cause: string, event: FlowEvent): void {
  const { input, state, now } = context;
  const { flow } = input.setup;
  delete state.deadlines.flowWait;
  if (!flow) {
    if (event.kind === 'message') askAi(context, cause, false);
    return;
  }
  const { name } = input.visitor;
  const outcome = stepFlow(
    flow.definition,
    state.flow,
    event,
    name === undefined ? { now } : { visitorName: name, now },
  );
  state.flow = outcome.position;
  outcome.replies.forEach((reply, index) => {
    say(context, `${cause}/reply/${index}`, reply);
  });
  if (outcome.replies.length > 0) {
    state.owner = 'flow';
    armIdle(context, cause);
  }
  const { copy } = input.setup.settings;
  const aiHasNone = event.kind === 'aiFinished' && !event.answered;
  follow(context, cause, outcome.next, aiHasNone ? copy.fallback : copy.handover);
}

function follow(context: Context, cause: string, next: FlowNext, handoverWords: string): void {
  switch (next.kind) {
    case 'await':
      return;
    case 'wait':
      return waitInFlow(context, cause, next.seconds);
    case 'ai':
      return askAi(context, cause, true);
    case 'unmatched':
      return askAi(context, cause, false);
    case 'handover':
      return handOver(context, cause, next.reason, next.said ? null : handoverWords);
    case 'close':
      return close(context, cause, 'flow', next.said ? null : context.input.setup.settings.copy.closed);
  }
}

/** A welcome may take any number of waits; a flow that comes back to the same one goes in a circle. */
function waitInFlow(context: Context, cause: string, seconds: number): void {
  const { input, state, now } = context;
  const { copy, maxBotTurns } = input.setup.settings;
  const stepId = state.flow.stepId ?? '';
  if (state.waitedAt.includes(stepId)) state.botTurns += 1;
  else state.waitedAt.push(stepId);
  if (state.botTurns > maxBotTurns) return handOver(context, cause, 'too many bot turns', copy.handover);
  state.deadlines.flowWait = { at: now + seconds * 1_000, cause };
}

/** Asks the AI, unless it is off or the bot has spoken too often without the visitor: then a person. */
function askAi(context: Context, cause: string, forFlow: boolean): void {
  const { input, state } = context;
  const { aiEnabled, copy, maxBotTurns } = input.setup.settings;
  if (!aiEnabled || state.aiOff) return handOver(context, cause, 'no answer from the flow', copy.fallback);
  if (state.botTurns >= maxBotTurns) return handOver(context, cause, 'too many bot turns', copy.handover);
  state.owner = 'ai';
  state.answer = { draftId: idOf(context, `${cause}/ai/${state.botTurns}`), cause, forFlow };
  disarmIdle(state);
}
