import type { Agent, TopicCommand, UpdateCommand } from '../../contracts/conversation.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { addPrepared, TAKE_OVER, takeFloor, tellRefused } from './agents.ts';
import { holdCanned } from './heldMessages.ts';
import { claim, close, handOver, release, reopen, snooze } from './lifecycle.ts';
import { remember } from './state.ts';
import { addEvent, addTopicEffect, type Context, idOf, tellTopic } from './turn.ts';
import { rememberUnsaid } from './unsaid.ts';

interface Commanded<Command> {
  key: string;
  agent: Agent;
  command: Command;
}

/** What a person asks for. Returns the code of why not, or null when it is done (or was done before). */
export function onAgentCommand(context: Context, { key, agent, command }: Commanded<UpdateCommand>): ErrorCode | null {
  if (!remember(context.state, key)) return null;
  return obey(context, key, agent, command);
}

/** The same from the topic: there a refusal is answered, for nobody waits for it elsewhere. */
export function onTopicCommand(context: Context, { key, agent, command }: Commanded<TopicCommand>): void {
  const { state } = context;
  if (!remember(state, key)) return;
  rememberUnsaid(state, key);
  const cause = `command/${key}`;
  switch (command.name) {
    case 'canned':
      if (obey(context, key, agent, command) && state.claimedBy) tellRefused(context, cause, state.claimedBy);
      return;
    case 'canned_menu':
      return addTopicEffect(context, cause, { kind: 'canned_menu', names: command.names });
    case 'whoami':
      return tellTopic(context, cause, `You are ${agent.name} (${agent.id}). ${whoHas(context, agent)}`);
    case 'tell':
      return tellTopic(context, cause, command.text);
    default: {
      const refusal = obey(context, key, agent, command);
      if (refusal) tellTopic(context, cause, refusalWords(context, refusal));
    }
  }
}

function obey(context: Context, key: string, agent: Agent, command: UpdateCommand): ErrorCode | null {
  const { state, input } = context;
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
    case 'canned':
      return sayPrepared(context, { key, agent, text: command.text });
    case 'ai':
      return switchAi(context, cause, command.on);
  }
}

function needsOpen({ name }: UpdateCommand): boolean {
  return name === 'claim' || name === 'release' || name === 'snooze';
}

function rename(context: Context, cause: string, title: string): null {
  context.state.title = title;
  addEvent(context, 'conversation.renamed', cause, {});
  addTopicEffect(context, cause, { kind: 'rename', title });
  return null;
}

function sayPrepared(context: Context, prepared: { key: string; agent: Agent; text: string }): ErrorCode | null {
  if (takeFloor(context, `command/${prepared.key}`, prepared.agent)) return 'already_claimed';
  if (!holdCanned(context, prepared)) addPrepared(context, prepared);
  return null;
}

function note(context: Context, cause: string, agent: Agent, text: string): null {
  context.turn.notes.push({ id: idOf(context, cause), agent, text, createdAt: context.now });
  return null;
}

/** A question that AI was to answer goes to a person. */
function switchAi(context: Context, cause: string, on: boolean): ErrorCode | null {
  const { input, state } = context;
  const { aiEnabled, copy } = input.setup.settings;
  if (on && !aiEnabled) return 'ai_disabled';
  if (on) delete state.aiOff;
  else state.aiOff = true;
  if (!on && state.answer) handOver(context, cause, 'AI was switched off', copy.handover);
  tellTopic(context, cause, on ? 'AI may answer in this conversation.' : 'AI does not answer in this conversation.');
  return null;
}

function whoHas({ state: { claimedBy } }: Context, agent: Agent): string {
  if (!claimedBy) return 'Nobody has claimed this conversation.';
  return claimedBy.id === agent.id ? 'You have this conversation.' : `${claimedBy.name} has this conversation.`;
}

function refusalWords({ state }: Context, refusal: ErrorCode): string {
  switch (refusal) {
    case 'already_claimed':
      return `${state.claimedBy?.name ?? 'Somebody'} has this conversation. ${TAKE_OVER}`;
    case 'conversation_closed':
      return 'This conversation is closed. /reopen opens it again.';
    case 'ai_disabled':
      return 'AI is switched off for this whole site.';
    default:
      return `That is not possible (${refusal}).`;
  }
}
