import type { Agent, AgentCommand } from '../../contracts/conversation.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { armIdle, claim, close, release, reopen, snooze } from './lifecycle.ts';
import { remember } from './state.ts';
import { addEvent, addMessage, addTopicEffect, type Context, idOf } from './turn.ts';

/** A person wrote in the topic. The first to write claims; others join without claiming. */
export function onAgentMessage(
  context: Context,
  { key, agent, text }: { key: string; agent: Agent; text: string },
): void {
  const { state, turn, now } = context;
  if (!remember(state, key)) return;
  const cause = `agent/${key}`;
  if (state.status === 'closed') reopen(context, cause);
  claim(context, cause, agent);
  delete state.deadlines.firstResponseSla;
  addMessage(
    context,
    {
      id: idOf(context, cause),
      direction: 'OUTBOUND',
      author: { kind: 'agent', name: agent.name },
      text,
      createdAt: now,
    },
    'already there',
  );
  // Who answers has read what was there.
  if (state.lastSeq > 0) turn.frames.push({ type: 'receipt', upToSeq: state.lastSeq, status: 'read' });
  armIdle(context, cause);
}

/** What a person asks for. Returns the code of why not, or null when it is done (or was done before). */
export function onAgentCommand(
  context: Context,
  { key, agent, command }: { key: string; agent: Agent; command: AgentCommand },
): ErrorCode | null {
  const { state, input } = context;
  if (!remember(state, key)) return null;
  const cause = `command/${key}`;
  if (state.status === 'closed' && needsOpen(command)) return 'conversation_closed';
  switch (command.name) {
    case 'claim':
      return claim(context, cause, agent) ? null : 'already_claimed';
    case 'release':
      if (state.owner === 'human') release(context, cause);
      return null;
    case 'close':
      close(context, cause, 'agent', input.setup.settings.copy.closed);
      return null;
    case 'reopen':
      if (state.status !== 'closed') return null;
      reopen(context, cause);
      claim(context, cause, agent);
      return null;
    case 'rename':
      return rename(context, cause, command.title);
    case 'note':
      return note(context, cause, agent, command.text);
    case 'snooze':
      snooze(context, cause, command.until);
      return null;
  }
}

function needsOpen({ name }: AgentCommand): boolean {
  return name === 'claim' || name === 'release' || name === 'snooze';
}

function rename(context: Context, cause: string, title: string): null {
  context.state.title = title;
  addEvent(context, 'conversation.renamed', cause, {});
  addTopicEffect(context, cause, { kind: 'rename', title });
  return null;
}

function note(context: Context, cause: string, agent: Agent, text: string): null {
  context.turn.notes.push({ id: idOf(context, cause), agent, text, createdAt: context.now });
  return null;
}
