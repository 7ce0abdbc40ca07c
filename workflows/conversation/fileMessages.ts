import type { TextEntity } from '../../contracts/message.ts';
import type { ConversationState, FileMessage } from './state.ts';

const REMEMBERED = 20;
/** UTF-16 units of captions: what goes along at continue-as-new has to stay small. */
const REMEMBERED_TEXT = 30_000;

/** Notes a message with files as decided; the oldest ones are forgotten. */
export function rememberFiles(state: ConversationState, message: FileMessage): void {
  const kept = [...(state.fileMessages ?? []), message].slice(-REMEMBERED);
  while (kept.length > 1 && textLength(kept) > REMEMBERED_TEXT) kept.shift();
  state.fileMessages = kept;
}

/** What became of the parts of the album that came in time. */
export function fateOfAlbum(
  { fileMessages = [] }: Pick<ConversationState, 'fileMessages'>,
  albumId: string,
): FileMessage['fate'] | undefined {
  const fates = fileMessages.filter((message) => message.albumId === albumId).map(({ fate }) => fate);
  return fates.find((fate) => fate !== 'said') ?? fates[0];
}

/** The captions of an album in the order of its parts, as one text. */
export function joinCaptions(parts: readonly { text: string; entities?: TextEntity[] }[]): {
  text: string;
  entities?: TextEntity[];
} {
  const captions = parts.filter(({ text }) => text !== '');
  const entities: TextEntity[] = [];
  let start = 0;
  for (const caption of captions) {
    for (const entity of caption.entities ?? []) entities.push({ ...entity, offset: start + entity.offset });
    start += caption.text.length + 1;
  }
  const text = captions.map((caption) => caption.text).join('\n');
  return parts.some((part) => part.entities) ? { text, entities } : { text };
}

function textLength(messages: readonly FileMessage[]): number {
  return messages.reduce((sum, { parts }) => parts.reduce((length, { text }) => length + text.length, sum), 0);
}
