import type { ConversationRow } from '../../contracts/activities.ts';
import type { ConversationInput, ConversationView, DeadlineName } from '../../contracts/conversation.ts';
import { type ConversationState, nextDeadline } from './state.ts';

/** The answer of the query `status` and of every update. */
export function viewOf(state: ConversationState): ConversationView {
  const deadlines: ConversationView['deadlines'] = {};
  for (const [name, deadline] of Object.entries(state.deadlines)) deadlines[name as DeadlineName] = deadline.at;
  const { status, owner, claimedBy, title, lastSeq } = state;
  return { status, owner, claimedBy, title, lastSeq, waitingFor: waitingFor(state), deadlines };
}

/** Why is it waiting? In words, for operators. */
function waitingFor(state: ConversationState): string {
  if (state.inbox.length > 0) return 'the turn in progress';
  if (state.answer) return 'the AI answer';
  if (state.relay.parkedReason) return `repair of the Telegram channel (${state.relay.parkedReason})`;
  if (state.relay.waitingAs !== undefined) return 'the next free Telegram slot';
  if (state.status === 'closed') return 'retention, or the visitor writing again';
  if (state.snoozedUntil !== null) return 'the end of the snooze';
  if (state.status === 'waiting') return 'a person to claim it';
  if (state.deadlines.flowWait) return 'a wait step of the flow';
  return 'the visitor';
}

/** The row that people's lists read. */
export function rowOf(input: ConversationInput, state: ConversationState): ConversationRow {
  const { flow } = input.setup;
  const { turn, status, owner, claimedBy, title, createdAt, updatedAt, closedAt, snoozedUntil } = state;
  return {
    turn,
    siteId: input.setup.siteId,
    channel: input.channel,
    status,
    owner,
    claimedBy,
    title,
    visitorName: input.visitor.name ?? null,
    source: input.source,
    flowId: flow?.id ?? null,
    flowVersion: flow?.version ?? null,
    createdAt,
    updatedAt,
    closedAt,
    snoozedUntil,
  };
}

/** The story of the conversation for Temporal UI, without a word of what was said. */
export function detailsOf(input: ConversationInput, state: ConversationState): string {
  const { flow } = input.setup;
  const next = nextDeadline(state);
  const lines = [
    `**${state.status}**, owned by **${state.owner}**; waits for ${waitingFor(state)}`,
    `messages: ${state.lastSeq}; turns: ${state.turn}`,
    `flow: ${flow ? `${flow.definition.name} v${flow.version}, ${atStep(state.flow.stepId)}` : 'none'}`,
  ];
  if (next) lines.push(`next timer: ${next.name} at ${new Date(next.at).toISOString()}`);
  return lines.join('\n\n');
}

function atStep(stepId: string | null): string {
  return stepId === null ? 'at no step' : `at step ${stepId}`;
}
