import type { AgentEditSignal } from '../../contracts/conversation.ts';
import type { TextEntity } from '../../contracts/message.ts';
import { messageIdOf } from './agents.ts';
import { joinCaptions } from './fileMessages.ts';
import { type ConversationState, type FileMessage, remember } from './state.ts';
import { type Context, tellTopic } from './turn.ts';
import { isUnsaid } from './unsaid.ts';

interface EditedWords {
  text: string;
  entities?: TextEntity[];
}

const STAYS = 'The visitor does not get this message, and editing it changes nothing: send it as a new message.';
const FILE_STAYS =
  'Only the words of a message can be changed. The visitor does not get the file: send it as a new message.';

/**
 * A person changed a message. What never reached the visitor (a note, a message of who had not claimed) does not now, and of
 * what did only the words change: whoever expects more is told, once for each message.
 */
export function onAgentEdit(context: Context, signal: AgentEditSignal): void {
  const { state } = context;
  const { key, of, text, entities, filePrint, editedAt } = signal;
  const edit = { text, ...(entities ? { entities } : {}), editedAt };
  if (!remember(state, key)) return;
  if (isUnsaid(state, of)) return tellOnce(context, `edit/${of}`, STAYS);
  if (filePrint !== undefined && hasOtherFile(context, of, filePrint)) tellOnce(context, `file/${of}`, FILE_STAYS);
  const held = state.held.find((part) => part.key === of);
  if (held) changePart(held, edit);
  else changeSaid(context, of, edit);
}

function tellOnce(context: Context, cause: string, text: string): void {
  if (remember(context.state, cause)) tellTopic(context, cause, text);
}

function changeSaid(context: Context, of: string, edit: EditedWords & { editedAt: number }): void {
  const message = fileMessageOf(context.state, of);
  const part = message?.parts.find(({ key }) => key === of);
  if (!message || !part) return changeMessage(context, messageIdOf(context, of), edit);
  if (!changePart(part, edit)) return;
  const editedAt = Math.max(...message.parts.map((other) => other.editedAt ?? 0));
  const messageId = messageIdOf(context, message.parts[0]?.key ?? of);
  changeMessage(context, messageId, { ...joinCaptions(message.parts), editedAt });
}

/** Of two edits with the same date, which Telegram gives in seconds, the later one holds. False: nothing has changed. */
function changePart(
  part: EditedWords & { editedAt?: number },
  { editedAt, ...words }: EditedWords & { editedAt: number },
): boolean {
  const { text, entities = [] } = part;
  if ((part.editedAt ?? 0) > editedAt) return false;
  const isSame = text === words.text && JSON.stringify(entities) === JSON.stringify(words.entities ?? []);
  Object.assign(part, words, { editedAt });
  return !isSame;
}

function changeMessage(
  { turn }: Context,
  messageId: string,
  { editedAt, ...words }: EditedWords & { editedAt: number },
): void {
  const fresh = turn.messages.find(({ id }) => id === messageId);
  // Decided in this very turn: nobody has seen it yet.
  if (fresh) {
    Object.assign(fresh, words);
    return;
  }
  const earlier = turn.edits.find((other) => other.messageId === messageId);
  if (!earlier) turn.edits.push({ messageId, ...words, editedAt });
  else if (earlier.editedAt <= editedAt) Object.assign(earlier, words, { editedAt });
}

/** Whether a file was replaced, or added where there was none. */
function hasOtherFile(context: Context, of: string, filePrint: string): boolean {
  const { state } = context;
  const parts = [...state.held, ...(fileMessageOf(state, of)?.parts ?? [])];
  const known = parts.find(({ key }) => key === of);
  if (known) return known.filePrint !== filePrint;
  const messageId = messageIdOf(context, of);
  return (state.spoken ?? []).some((spoken) => spoken.messageId === messageId && !spoken.hasFiles);
}

function fileMessageOf({ fileMessages = [] }: ConversationState, key: string): FileMessage | undefined {
  return fileMessages.find(({ parts }) => parts.some((part) => part.key === key));
}
