import type { ChannelResult, FileChannel, FormattedText, OutgoingFile, TopicAddress } from '../port.ts';
import { type BotCaller, mapValue, type TelegramClientOptions } from './createBotCaller.ts';
import { writeEntities } from './formatting/writeEntities.ts';

/** Of one call with files: 20 MB, the most that there are in one, over 4 Mbit/s. */
export const FILE_TIMEOUT_MS = 40_000;

/** Files of messages, both ways; see `createBotCaller` for what calls promise. */
export function createBotFiles(
  { call }: BotCaller,
  { token, apiRoot }: Pick<TelegramClientOptions, 'token' | 'apiRoot'>,
): FileChannel {
  const limits = { timeoutMs: FILE_TIMEOUT_MS };

  /** The answers of every method that sends one message are alike. */
  function sendOne(
    file: OutgoingFile,
    fields: ReturnType<typeof commonFields>,
  ): Promise<ChannelResult<{ message_id: number } | undefined>> {
    const source = { source: file.bytes, filename: file.name };
    if (file.as === 'photo') return call('sendPhoto', { ...fields, photo: source }, limits);
    if (file.as === 'voice') return call('sendVoice', { ...fields, voice: source }, limits);
    return call('sendDocument', { ...fields, document: source }, limits);
  }

  return {
    async download(fileId, maxBytes) {
      const found = await call('getFile', { file_id: fileId });
      const path = mapValue(found, ({ file_path }) => file_path);
      if (!path.ok) return path;
      if (path.value === undefined) return gone();
      return readBytes(`${apiRoot}/file/bot${token}/${encodeURI(path.value)}`, maxBytes);
    },

    async sendFiles(topic, files, { caption, silent }) {
      const [first] = files;
      if (!first) throw new RangeError('No file to send');
      if (files.length === 1) {
        const sent = await sendOne(first, commonFields(topic, caption, silent));
        return mapValue(sent, ({ message_id }) => ({ messageIds: [String(message_id)] }));
      }
      const type = first.as === 'photo' ? ('photo' as const) : ('document' as const);
      // The caption of an album stands with its first file.
      const media = files.map(({ bytes, name }, index) => ({
        type,
        media: { source: bytes, filename: name },
        ...(index === 0 ? captionFields(caption) : {}),
      }));
      const sent = await call('sendMediaGroup', { ...commonFields(topic, undefined, silent), media }, limits);
      return mapValue(sent, (messages) => ({ messageIds: messages.map(({ message_id }) => String(message_id)) }));
    },
  };
}

function commonFields({ chatId, threadId }: TopicAddress, caption: FormattedText | undefined, silent: boolean) {
  return {
    chat_id: chatId,
    message_thread_id: Number(threadId),
    disable_notification: silent,
    ...captionFields(caption),
  };
}

function captionFields(caption: FormattedText | undefined) {
  return caption ? { caption: caption.text, caption_entities: writeEntities(caption.entities) } : {};
}

/** The address holds the token: it gets into no error. */
async function readBytes(url: string, maxBytes: number): Promise<ChannelResult<Buffer>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FILE_TIMEOUT_MS) });
    if (response.status === 404) return gone();
    if (!response.ok || !response.body) return unavailable(`status ${response.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > maxBytes) return { ok: false, failure: { kind: 'rejected', description: FILE_TOO_BIG } };
      chunks.push(chunk);
    }
    return { ok: true, value: Buffer.concat(chunks, size) };
  } catch {
    return unavailable('download broke off');
  }
}

/** Telegram's words for a file that it does not hand out. */
const FILE_TOO_BIG = 'file is too big';

/** Whether a file was refused for its size. */
export function isTooBig({ description }: { description: string }): boolean {
  return description.includes(FILE_TOO_BIG);
}

function gone<T>(): ChannelResult<T> {
  return { ok: false, failure: { kind: 'rejected', description: 'file is gone' } };
}

function unavailable<T>(description: string): ChannelResult<T> {
  return { ok: false, failure: { kind: 'unavailable', description } };
}
