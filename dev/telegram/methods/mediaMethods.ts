import { randomInt } from 'node:crypto';
import type { Call, Method } from '../emulator.ts';
import type { UploadedFile } from '../http/readParameters.ts';
import type { FileRecord } from '../state/records.ts';
import type { MessageContent, TelegramEntity, TelegramMedia } from '../state/telegramTypes.ts';
import { badRequest } from '../telegramError.ts';
import { formatText } from '../text/formatText.ts';
import { imageSize } from './imageSize.ts';
import { post } from './messageMethods.ts';
import { readReplyMarkup } from './replyMarkup.ts';
import { takeWrites } from './takeWrites.ts';
import { destination } from './target.ts';

const mediaKinds = ['photo', 'document', 'video', 'voice', 'audio'] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** Sizes in bytes, from the Bot API: uploads, photos, and what getFile hands out. */
const maxUploadBytes = 50 * 1024 * 1024;
const maxPhotoBytes = 10 * 1024 * 1024;
const maxDownloadBytes = 20 * 1024 * 1024;

function uploadOf(call: Call, kind: MediaKind, given: string | undefined): UploadedFile | undefined {
  const name = given?.startsWith('attach://') ? given.slice('attach://'.length) : kind;
  return call.parameters.uploads.get(name);
}

/** The file that a call brings along, or one of before by its id. */
function resolveFile(call: Call, kind: MediaKind, given: string | undefined): FileRecord {
  const upload = uploadOf(call, kind, given);
  if (upload) {
    if (upload.bytes.length === 0) throw badRequest('file must be non-empty');
    const tooLarge = upload.bytes.length > (kind === 'photo' ? maxPhotoBytes : maxUploadBytes);
    if (tooLarge) throw badRequest(kind === 'photo' ? 'file is too big for a photo' : 'file is too big');
    if (kind === 'photo' && !imageSize(upload.bytes)) throw badRequest('IMAGE_PROCESS_FAILED');
    return call.emulator.files.add(call.store, upload, kind);
  }
  const known = given === undefined ? undefined : call.store.get('file', given);
  if (!known) throw badRequest('wrong file identifier/HTTP URL specified');
  return known;
}

/** The content of a message that carries this file. */
export function mediaContent(kind: MediaKind, file: FileRecord, size: ReturnType<typeof imageSize>): MessageContent {
  const fields = { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.size };
  if (kind === 'photo') return { photo: [{ ...fields, width: size?.width ?? 0, height: size?.height ?? 0 }] };
  const media: TelegramMedia = { ...fields, mime_type: file.mimeType };
  if (kind !== 'voice') media.file_name = file.name;
  return { [kind]: media };
}

function readMedia(call: Call, kind: MediaKind, given: string | undefined): MessageContent {
  const file = resolveFile(call, kind, given);
  const bytes = kind === 'photo' ? call.emulator.files.read(file) : undefined;
  const content = mediaContent(kind, file, bytes && imageSize(bytes));
  const media = kind === 'photo' ? undefined : content[kind];
  if (media && kind !== 'document') {
    media.duration = call.parameters.integer('duration');
    if (kind === 'video') Object.assign(media, { width: 0, height: 0 });
  }
  return content;
}

function readCaption(source: string, mode: string | undefined, given: TelegramEntity[]): MessageContent {
  const { text, entities } = formatText(source, mode, given, 'caption');
  return text ? { caption: text, ...(entities.length > 0 && { caption_entities: entities }) } : {};
}

function sendMedia(kind: MediaKind): Method {
  return (call) => {
    const { parameters } = call;
    const entities = parameters.list<TelegramEntity>('caption_entities');
    const caption = readCaption(parameters.text('caption'), parameters.optionalText('parse_mode'), entities);
    readReplyMarkup(parameters);
    const content = { ...readMedia(call, kind, parameters.optionalText(kind)), ...caption };
    const to = destination(call);
    takeWrites(call, to.group);
    return post(call, to, content);
  };
}

interface InputMedia {
  type: MediaKind;
  media: string;
  caption?: string;
  parse_mode?: string;
  caption_entities?: TelegramEntity[];
}

const sendMediaGroup: Method = (call) => {
  const items = call.parameters.list<InputMedia>('media');
  if (items.length < 2 || items.length > 10) throw badRequest('expected 2 to 10 items in the album');
  if (!items.every(({ type }) => (mediaKinds as readonly string[]).includes(type) && type !== 'voice')) {
    throw badRequest("can't parse InputMedia: type is unsupported in the album");
  }
  const contents = items.map((item) => ({
    ...readMedia(call, item.type, item.media),
    ...readCaption(item.caption ?? '', item.parse_mode, item.caption_entities ?? []),
  }));
  const to = destination(call);
  takeWrites(call, to.group, items.length);
  const mediaGroupId = String(randomInt(2 ** 40));
  return contents.map((content) => post(call, to, content, { mediaGroupId }));
};

const getFile: Method = (call) => {
  const file = call.store.get('file', call.parameters.text('file_id'));
  if (!file) throw badRequest('wrong file_id or the file is temporarily unavailable');
  if (file.size > maxDownloadBytes) throw badRequest('file is too big');
  return { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.size, file_path: file.path };
};

export const mediaMethods: Record<string, Method> = {
  sendPhoto: sendMedia('photo'),
  sendDocument: sendMedia('document'),
  sendVideo: sendMedia('video'),
  sendVoice: sendMedia('voice'),
  sendAudio: sendMedia('audio'),
  sendMediaGroup,
  getFile,
};
