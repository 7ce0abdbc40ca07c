import type { FlowDefinition, FlowStep, FlowStepOf } from '../../contracts/flow.ts';
import { checkInput } from './checkInput.ts';
import { findOption } from './findOption.ts';
import { matchTrigger } from './matchTrigger.ts';
import type { FlowEvent, FlowOutcome, FlowPosition } from './types.ts';
import { findStep, finish, say, type Turn, walk } from './walk.ts';

type MessageEvent = Extract<FlowEvent, { kind: 'message' }>;

/** Where a conversation stands before its first message, and again when it is reopened. */
export function initialPosition(): FlowPosition {
  return { stepId: null, variables: {}, attempts: 0, started: false };
}

/**
 * One event's way through a flow: the replies to send, what to do then, and the new position. Pure and deterministic;
 * never throws for a flow that `parseFlow` accepted. `now` is epoch milliseconds.
 *
 * A message while a `wait` step waits ends the wait; while AI works it comes back as `ai`, for an answer to both. Events
 * that no longer fit (a timer's or an answer's that was overtaken) change nothing and come back as `await`.
 */
export function stepFlow(
  flow: FlowDefinition,
  position: FlowPosition,
  event: FlowEvent,
  context: { visitorName?: string; now: number },
): FlowOutcome {
  const turn: Turn = {
    flow,
    context,
    message: event.kind === 'message' ? event.text : '',
    variables: { ...position.variables },
    started: position.started || event.kind === 'message',
    replies: [],
  };
  const waiting = position.stepId === null ? undefined : findStep(flow, position.stepId);
  switch (event.kind) {
    case 'message':
      return onMessage(turn, position, waiting, event);
    case 'waitElapsed':
      return waiting?.type === 'wait' ? walk(turn, waiting.next) : unchanged(position);
    case 'aiFinished':
      return waiting?.type === 'ai' ? afterAi(turn, waiting, event.answered) : unchanged(position);
  }
}

function unchanged(position: FlowPosition): FlowOutcome {
  return { position, replies: [], next: { kind: 'await' } };
}

function onMessage(
  turn: Turn,
  position: FlowPosition,
  waiting: FlowStep | undefined,
  event: MessageEvent,
): FlowOutcome {
  const answered = waiting && takeAnswer(turn, waiting, event);
  if (answered) return walk(turn, answered.next);

  const trigger = matchTrigger(turn.flow, event, position.started);
  if (trigger) {
    Object.assign(turn.variables, trigger.captured);
    return walk(turn, trigger.start);
  }
  switch (waiting?.type) {
    case 'choices':
    case 'input':
      return askAgain(turn, position, waiting);
    case 'wait':
      return walk(turn, waiting.next);
    case 'ai':
      return finish(turn, { kind: 'ai' }, position.stepId);
    default:
      return finish(turn, { kind: 'unmatched' });
  }
}

/** Where a valid answer to the waiting question leads; undefined when the message is none. */
function takeAnswer(turn: Turn, step: FlowStep, event: MessageEvent): { next: string | undefined } | undefined {
  if (step.type === 'choices') {
    const option = findOption(step.options, event);
    if (!option) return undefined;
    if (step.variable !== undefined) turn.variables[step.variable] = option.id;
    return { next: option.next ?? step.next };
  }
  if (step.type === 'input') {
    const value = checkInput(step.validation, event.text);
    if (value === undefined) return undefined;
    turn.variables[step.variable] = value;
    return { next: step.next };
  }
  return undefined;
}

function askAgain(turn: Turn, position: FlowPosition, step: FlowStepOf<'choices' | 'input'>): FlowOutcome {
  const attempts = position.attempts + 1;
  if (attempts >= step.maxAttempts) {
    return step.otherwise === undefined
      ? finish(turn, { kind: 'handover', reason: 'attempts_exhausted' })
      : walk(turn, step.otherwise);
  }
  const text = step.type === 'input' ? step.error : (step.retryText ?? step.text);
  say(turn, text, step.type === 'choices' ? step : undefined);
  return finish(turn, { kind: 'await' }, position.stepId, attempts);
}

function afterAi(turn: Turn, step: FlowStepOf<'ai'>, answered: boolean): FlowOutcome {
  if (answered) return walk(turn, step.next);
  return step.otherwise === undefined
    ? finish(turn, { kind: 'handover', reason: 'ai_unanswered' })
    : walk(turn, step.otherwise);
}
