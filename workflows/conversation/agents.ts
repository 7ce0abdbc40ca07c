import type { Agent } from '../../contracts/conversation.ts';
import { armIdle, claim, reopen } from './lifecycle.ts';
import { remember } from './state.ts';
import { addMessage, type Context, idOf, tellTopic } from './turn.ts';

interface AgentWords {
  agent: Agent;
  text: string;
  attachments?: string[];
}

/** A person wrote in the topic. The first to write claims; whether others may join is the tenant's to say. */
export function onAgentMessage(context: Context, { key, agent, text }: AgentWords & { key: string }): void {
  if (!remember(context.state, key)) return;
  answerAs(context, `agent/${key}`, { agent, text }, 'already there');
}

/** A person answers the visitor, in words that stand in the topic or are to be put there. */
export function answerAs(
  context: Context,
  cause: string,
  { agent, ...words }: AgentWords,
  mirror: 'mirror' | 'already there',
): void {
  const { input, state, turn, now } = context;
  const holder = state.claimedBy;
  if (input.setup.claimPolicy === 'claim_first' && holder && holder.id !== agent.id) {
    return tellTopic(context, cause, `Not sent to the visitor: ${holder.name} has this conversation. ${TAKE_OVER}`);
  }
  if (state.status === 'closed') reopen(context, cause);
  claim(context, cause, agent);
  delete state.deadlines.firstResponseSla;
  addMessage(
    context,
    {
      id: idOf(context, cause),
      direction: 'OUTBOUND',
      author: { kind: 'agent', name: agent.name },
      ...words,
      createdAt: now,
    },
    mirror,
  );
  // Who answers has read what was there.
  if (state.lastSeq > 0) turn.frames.push({ type: 'receipt', upToSeq: state.lastSeq, status: 'read' });
  armIdle(context, cause);
}

/** How an agent gets a conversation that another one has. */
export const TAKE_OVER = 'To take it over: /release, then /claim.';
