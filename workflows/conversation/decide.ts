import type { ErrorCode } from '../../contracts/errors.ts';
import { onAgentCommand, onTopicCommand } from './agentCommands.ts';
import { onAgentEdit } from './agentEdits.ts';
import { onAgentMessage } from './agents.ts';
import { onAnswer } from './answers.ts';
import { onVisitorChanged } from './card.ts';
import { onDeadline } from './deadlines.ts';
import { holdBack, onFilesFetched } from './heldMessages.ts';
import { onEnqueue, onParked } from './lifecycle.ts';
import { onRating } from './ratings.ts';
import { onVisitorSaw } from './receipts.ts';
import { onOpen, onVisitorMessage } from './routing.ts';
import type { InboxItem } from './state.ts';
import type { Context } from './turn.ts';

/** Decides one item of the inbox. Returns the code of why a command or a rating was refused, else null. */
export function decide(context: Context, item: InboxItem): ErrorCode | null {
  switch (item.kind) {
    case 'visitorMessage':
      onVisitorMessage(context, item);
      return null;
    case 'open':
      onOpen(context, item);
      return null;
    case 'agentMessage':
      if (!holdBack(context, item)) onAgentMessage(context, item);
      return null;
    case 'agentEdit':
      onAgentEdit(context, item);
      return null;
    case 'visitorSaw':
      onVisitorSaw(context, item);
      return null;
    case 'visitorChanged':
      onVisitorChanged(context);
      return null;
    case 'agentCommand':
      return onAgentCommand(context, item);
    case 'rating':
      return onRating(context, item);
    case 'topicCommand':
      onTopicCommand(context, item);
      return null;
    case 'filesFetched':
      onFilesFetched(context, item);
      return null;
    case 'aiFinished':
      onAnswer(context, item.draftId, item.answer);
      return null;
    case 'deadline':
      onDeadline(context, item.name, item.cause);
      return null;
    case 'parked':
      onParked(context, item.cause);
      return null;
    case 'ledger':
      onEnqueue(context, item);
      return null;
    case 'reset':
      // The loop takes it before anything else is decided.
      return null;
  }
}
