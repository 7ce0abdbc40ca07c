import type { FlowDefinition, FlowStep, FlowStepOf } from '../../contracts/flow.ts';
import { FLOW_LIMITS } from '../../contracts/flowLimits.ts';
import { evaluateExpression } from './expression.ts';
import { renderText } from './renderText.ts';
import { buildScope, type FlowScope } from './scope.ts';
import type { FlowNext, FlowOutcome, FlowReply, FlowValue } from './types.ts';

/** What one event gathers on its way through a flow. */
export interface Turn {
  flow: FlowDefinition;
  context: { visitorName?: string; now: number };
  /** The visitor's text that is being answered; empty after a wait and after AI. */
  message: string;
  variables: Record<string, FlowValue>;
  started: boolean;
  replies: FlowReply[];
}

/** Goes on at another step (at none: the flow rests), or stops here for `stop`. */
type Move = { goTo: string | undefined } | { stop: FlowNext };

/** A flow's step by id; ids come from stored positions too, so they may name what is no longer there. */
export function findStep(flow: FlowDefinition, stepId: string): FlowStep | undefined {
  return Object.hasOwn(flow.steps, stepId) ? flow.steps[stepId] : undefined;
}

/** What expressions and texts see at this moment of the turn. */
function turnScope(turn: Turn): FlowScope {
  return buildScope(turn.flow, turn.variables, { ...turn.context, message: turn.message });
}

/** Ends a turn, waiting at `stepId` or resting. A closed flow greets again when the conversation is reopened. */
export function finish(turn: Turn, next: FlowNext, stepId: string | null = null, attempts = 0): FlowOutcome {
  const started = turn.started && next.kind !== 'close';
  return { position: { stepId, variables: turn.variables, attempts, started }, replies: turn.replies, next };
}

/** Walks from step to step until one waits, hands over or closes, or the flow rests. */
export function walk(turn: Turn, from: string | undefined): FlowOutcome {
  let stepId = from;
  for (let taken = 0; taken < FLOW_LIMITS.stepsPerEvent; taken++) {
    if (stepId === undefined) return finish(turn, { kind: 'await' });
    const step = findStep(turn.flow, stepId);
    if (!step) return finish(turn, { kind: 'handover', reason: 'step_missing' });
    const move = takeStep(turn, step);
    if ('stop' in move) return finish(turn, move.stop, waitsAt(step) ? stepId : null);
    stepId = move.goTo;
  }
  return finish(turn, { kind: 'handover', reason: 'step_limit' });
}

/** Steps at which a flow can stand between two events. */
function waitsAt(step: FlowStep): boolean {
  return step.type === 'choices' || step.type === 'input' || step.type === 'wait' || step.type === 'ai';
}

function takeStep(turn: Turn, step: FlowStep): Move {
  switch (step.type) {
    case 'message':
      say(turn, step.text);
      return { goTo: step.next };
    case 'choices':
      say(turn, step.text, step);
      return { stop: { kind: 'await' } };
    case 'input':
      say(turn, step.text);
      return { stop: { kind: 'await' } };
    case 'condition':
      return { goTo: isTrue(turn, step.when) ? step.next : step.otherwise };
    case 'set':
      return setValues(turn, step);
    case 'wait':
      return { stop: { kind: 'wait', seconds: step.seconds } };
    case 'ai':
      return { stop: { kind: 'ai' } };
    case 'jump':
      return { goTo: step.next };
    case 'handover':
      return { stop: { kind: 'handover', reason: step.reason, ...sayIfAny(turn, step.text) } };
    case 'close':
      return { stop: { kind: 'close', ...sayIfAny(turn, step.text) } };
  }
}

function sayIfAny(turn: Turn, text: string | undefined): { said?: true } {
  if (text === undefined) return {};
  say(turn, text);
  return { said: true };
}

/** Sends a text, with the options of a choices step under it. */
export function say(turn: Turn, text: string, step?: FlowStepOf<'choices'>): void {
  const rendered = renderText(text, turnScope(turn).values);
  turn.replies.push(
    step ? { text: rendered, choices: step.options.map(({ id, label }) => ({ id, label })) } : { text: rendered },
  );
}

function isTrue(turn: Turn, expression: string): boolean {
  const result = evaluateExpression(expression, turnScope(turn));
  return result.ok && result.value === true;
}

function setValues(turn: Turn, step: FlowStepOf<'set'>): Move {
  const scope = turnScope(turn);
  const computed: Record<string, FlowValue> = {};
  for (const [name, value] of Object.entries(step.values)) {
    if (value === null || typeof value !== 'object') {
      computed[name] = value;
      continue;
    }
    const result = evaluateExpression(value.cel, scope);
    if (!result.ok) return failedSet(step);
    computed[name] = result.value;
  }
  Object.assign(turn.variables, computed);
  return { goTo: step.next };
}

function failedSet(step: FlowStepOf<'set'>): Move {
  return step.otherwise === undefined
    ? { stop: { kind: 'handover', reason: 'expression_failed' } }
    : { goTo: step.otherwise };
}
