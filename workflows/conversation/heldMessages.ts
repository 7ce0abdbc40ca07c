import type { FetchedFile } from '../../contracts/activities.ts';
import type { AgentMessageSignal } from '../../contracts/conversation.ts';
import type { FileRefusal } from '../../contracts/file.ts';
import { sayFromTopic } from './agents.ts';
import { claim, reopen } from './lifecycle.ts';
import { type ConversationState, remember } from './state.ts';
import { addTopicEffect, type Context, idOf } from './turn.ts';

/** One message to the visitor, of one message in the topic or of all parts of an album. */
export interface HeldMessage {
  keys: string[];
  /** Who says what with the files. */
  words: Omit<AgentMessageSignal, 'key' | 'attachments' | 'album'>;
  fileIds: string[];
  isAlbum: boolean;
  /** Marked as the agents' own: it never reaches the visitor. */
  isInternal: boolean;
}

const INTERNAL = /^\s*\/\/\s*/;

/**
 * Keeps an agent's message back when it waits for files, or stands behind one that does: what an agent says arrives in the
 * order in which it was said. Whoever sends a file has the conversation from now on, however long the file takes. False: the
 * message is to be said at once.
 */
export function holdBack(context: Context, message: AgentMessageSignal): boolean {
  const { state } = context;
  if ((state.held.length === 0 && !message.attachments) || state.seen.includes(message.key)) return false;
  remember(state, message.key);
  state.held.push(message);
  if (INTERNAL.test(message.text)) return true;
  const cause = `agent/${message.key}`;
  if (state.status === 'closed') reopen(context, cause);
  claim(context, cause, message.agent);
  return true;
}

/** The message that waits first, put together. There must be one. */
export function firstHeld({ held }: Pick<ConversationState, 'held'>): HeldMessage {
  const [first] = held;
  if (!first) throw new RangeError('No message is held');
  const { album } = first;
  const parts = album ? held.filter((other) => other.album?.id === album.id) : [first];
  parts.sort((a, b) => (a.album?.place ?? 0) - (b.album?.place ?? 0));
  const captions = parts.filter(({ text }) => text !== '');
  const { key: _key, attachments: _attachments, album: _album, ...words } = captions[0] ?? first;
  return {
    keys: parts.map(({ key }) => key),
    words: { ...words, text: captions.map(({ text }) => text).join('\n') },
    fileIds: parts.flatMap(({ attachments }) => attachments ?? []),
    isAlbum: album !== undefined,
    isInternal: captions.some(({ text }) => INTERNAL.test(text)),
  };
}

/** The first message's files were fetched, or never will be: it is said, and what came after it, as far as no file is awaited. */
export function onFilesFetched(
  context: Context,
  { keys, fetched }: { keys: readonly string[]; fetched: readonly FetchedFile[] },
): void {
  const { state } = context;
  const message = firstHeld({ held: state.held.filter(({ key }) => keys.includes(key)) });
  state.held = state.held.filter(({ key }) => !keys.includes(key));
  if (message.isInternal) keepAsNote(context, message);
  else sayWithFiles(context, message, fetched);
  while (state.held[0] && !state.held[0].attachments) {
    const next = firstHeld(state);
    state.held.shift();
    sayFromTopic(context, next.keys[0] ?? '', next.words);
  }
}

function keepAsNote(context: Context, { keys: [key], words: { agent, text: marked } }: HeldMessage): void {
  const text = marked.replace(INTERNAL, '').trim();
  if (text !== '') context.turn.notes.push({ id: idOf(context, `agent/${key}`), agent, text, createdAt: context.now });
}

function sayWithFiles(
  context: Context,
  { keys: [key = ''], words }: HeldMessage,
  fetched: readonly FetchedFile[],
): void {
  tellRefusals(context, `agent/${key}`, fetched);
  const attachments = fetched.filter(({ refusal }) => !refusal).map(({ id }) => id);
  if (attachments.length > 0) sayFromTopic(context, key, { ...words, attachments });
  else if (words.text !== '') sayFromTopic(context, key, words);
}

const REASONS: Record<FileRefusal, string> = {
  too_large: 'it is larger than the 20 MB that Telegram gives to bots',
  type_refused: 'files of this type are not passed on',
  quota: 'this conversation has as many files as it may have',
  gone: 'Telegram does not have it any more',
  unavailable: 'it could not be fetched; send it again',
};

/** The agent who believes that the visitor has a file must hear that it is not so. */
function tellRefusals(context: Context, cause: string, fetched: readonly FetchedFile[]): void {
  fetched.forEach(({ refusal }, index) => {
    if (!refusal) return;
    const which = fetched.length > 1 ? `File ${index + 1} of ${fetched.length}` : 'The file';
    const text = `${which} did not reach the visitor: ${REASONS[refusal]}.`;
    addTopicEffect(context, `${cause}/file/${index}`, { kind: 'notice', text, silent: false });
  });
}
