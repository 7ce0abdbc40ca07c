import type { FetchedFile } from '../../contracts/activities.ts';
import type { Agent, AgentMessageSignal } from '../../contracts/conversation.ts';
import type { FileRefusal } from '../../contracts/file.ts';
import { addPrepared, sayFromTopic, type TopicWords, takeFloor, tellRefused } from './agents.ts';
import { fateOfAlbum, joinCaptions, rememberFiles } from './fileMessages.ts';
import { type ConversationState, type FileMessage, type HeldPart, remember } from './state.ts';
import { addTopicEffect, type Context, idOf, tellTopic } from './turn.ts';
import { rememberUnsaid } from './unsaid.ts';

/** One message to the visitor, of one message in the topic or of all parts of an album. */
interface HeldMessage {
  keys: string[];
  fileIds: string[];
  isAlbum: boolean;
  fate: FileMessage['fate'];
}

type Waiting = Pick<ConversationState, 'held' | 'fileMessages'>;

/**
 * Keeps an agent's message back when it waits for files, or stands behind one that does: what an agent says arrives in the
 * order in which it was said. Whoever sends a file has the conversation at once, however long the file takes; what is ended
 * meanwhile stays ended. False: the message is to be said at once.
 */
export function holdBack(context: Context, message: AgentMessageSignal): boolean {
  const { state } = context;
  if ((state.held.length === 0 && !message.attachments) || state.seen.includes(message.key)) return false;
  remember(state, message.key);
  state.held.push({ ...message, ...settle(context, message) });
  return true;
}

/** The same for a prepared answer of who has the floor. False: it is to be said at once. */
export function holdCanned(context: Context, canned: { key: string; agent: Agent; text: string }): boolean {
  if (context.state.held.length === 0) return false;
  context.state.held.push({ ...canned, isCanned: true });
  return true;
}

/** Who sends an album takes the floor with its first part; the others only follow, however late. */
function settle(
  context: Context,
  { key, agent, album, internal }: AgentMessageSignal,
): Pick<HeldPart, 'refusedFor'> | undefined {
  const { state } = context;
  const first = album && state.held.find((part) => part.album?.id === album.id);
  if (first) return first.refusedFor && { refusedFor: first.refusedFor };
  if (internal || (album && fateOfAlbum(state, album.id))) return undefined;
  const holder = takeFloor(context, `agent/${key}`, agent);
  return holder && { refusedFor: holder };
}

/** What is known of the message that waits first. There must be one. */
export function firstHeld(state: Waiting): HeldMessage {
  const [first] = state.held;
  if (!first) throw new RangeError('No message is held');
  const parts = partsOf(state, first);
  return {
    keys: parts.map(({ key }) => key),
    fileIds: parts.flatMap(({ attachments }) => attachments ?? []),
    isAlbum: first.album !== undefined,
    fate: fateOf(state, parts),
  };
}

function partsOf({ held }: Waiting, { key, album }: HeldPart): HeldPart[] {
  const parts = held.filter((other) => (album ? other.album?.id === album.id : other.key === key));
  return parts.sort((a, b) => (a.album?.place ?? 0) - (b.album?.place ?? 0));
}

function fateOf(state: Waiting, parts: readonly HeldPart[]): FileMessage['fate'] {
  const albumId = parts[0]?.album?.id;
  if (parts.some(({ internal }) => internal)) return 'internal';
  if (parts.some(({ refusedFor }) => refusedFor)) return 'refused';
  return (albumId === undefined ? undefined : fateOfAlbum(state, albumId)) ?? 'said';
}

/** The first message's files were fetched, or never will be: it is said, and what came after it, as far as no file is awaited. */
export function onFilesFetched(
  context: Context,
  { keys, fetched }: { keys: readonly string[]; fetched: readonly FetchedFile[] },
): void {
  const { state } = context;
  const first = state.held.find(({ key }) => keys.includes(key));
  if (!first) return;
  // A part that came while the files were fetched may say that all of it is internal.
  const known = partsOf(state, first);
  const parts = known.filter(({ key }) => keys.includes(key));
  const fate = fateOf(state, known);
  state.held = state.held.filter(({ key }) => !keys.includes(key));
  decideParts(context, { parts, fate, fetched });
  for (let next = state.held[0]; next && !next.attachments; next = state.held[0]) {
    state.held.shift();
    sayHeld(context, next);
  }
}

interface Fetched extends Pick<FileMessage, 'fate'> {
  parts: readonly HeldPart[];
  fetched: readonly FetchedFile[];
}

function decideParts(context: Context, { parts, fate, fetched }: Fetched): void {
  const { state } = context;
  const albumId = parts[0]?.album?.id;
  rememberFiles(state, {
    ...(albumId === undefined ? {} : { albumId }),
    parts: parts.map(({ key, text, entities, filePrint, editedAt }) => ({ key, text, entities, filePrint, editedAt })),
    fate,
  });
  if (fate === 'said') return sayWithFiles(context, parts, fetched);
  for (const { key } of parts) rememberUnsaid(state, key);
  if (fate === 'internal') return keepInternal(context, parts);
  const refused = parts.find(({ refusedFor }) => refusedFor);
  if (refused?.refusedFor) tellRefused(context, `agent/${refused.key}`, refused.refusedFor);
}

/** What is said beside a note is part of it; a caption that is a mistyped command is answered. */
function keepInternal(context: Context, parts: readonly HeldPart[]): void {
  const [first] = parts;
  const mistaken = parts.find(({ internal }) => internal?.mistake !== undefined);
  if (mistaken?.internal?.mistake) tellTopic(context, `agent/${mistaken.key}`, mistaken.internal.mistake);
  const author =
    parts.find(({ internal }) => internal && internal.mistake === undefined) ?? (mistaken ? undefined : first);
  const { text } = joinCaptions(parts);
  if (!first || !author || text === '') return;
  const id = idOf(context, `agent/${first.key}`);
  context.turn.notes.push({ id, agent: author.agent, text, createdAt: context.now });
}

function sayWithFiles(context: Context, parts: readonly HeldPart[], fetched: readonly FetchedFile[]): void {
  const [first] = parts;
  if (!first) return;
  tellRefusals(context, `agent/${first.key}`, fetched);
  const { agent, replyTo } = parts.find(({ text }) => text !== '') ?? first;
  const words: TopicWords = { agent, ...joinCaptions(parts), replyTo };
  const attachments = fetched.filter(({ refusal }) => !refusal).map(({ id }) => id);
  if (attachments.length > 0) sayFromTopic(context, first.key, { ...words, attachments });
  else if (words.text !== '') sayFromTopic(context, first.key, words);
  else for (const { key } of parts) rememberUnsaid(context.state, key);
}

/** Words that had to wait for the files before them. */
function sayHeld(context: Context, { key, agent, text, entities, replyTo, isCanned, refusedFor }: HeldPart): void {
  if (isCanned) return addPrepared(context, { key, agent, text });
  if (!refusedFor) return sayFromTopic(context, key, { agent, text, entities, replyTo });
  tellRefused(context, `agent/${key}`, refusedFor);
  rememberUnsaid(context.state, key);
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
