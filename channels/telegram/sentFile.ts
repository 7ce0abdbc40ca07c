import { z } from 'zod';

/** A file as a message of Telegram tells of it. */
export interface SentFile {
  /** Good for the bot that was told of it. */
  fileId: string;
  /** The same over time and for every bot. */
  uniqueId: string;
  /** As it was called, or what it is. */
  name: string;
  /** In bytes; 0 when Telegram does not say. */
  size: number;
}

const fileSchema = z.object({
  file_id: z.string(),
  file_unique_id: z.string(),
  file_size: z.number().int().nonnegative().default(0),
  file_name: z.string().optional(),
});

const photoSchema = z.array(fileSchema.extend({ width: z.number(), height: z.number() })).min(1);

const stickerSchema = fileSchema.extend({
  is_animated: z.boolean(),
  is_video: z.boolean(),
  emoji: z.string().optional(),
});

/** Kinds that are one file, with the name of one that has none, to which its ending is added. What moves is also told of as a document: it comes first. */
const FILES = [
  ['animation', 'animation'],
  ['video', 'video'],
  ['video_note', 'video'],
  ['voice', 'voice'],
  ['audio', 'audio'],
  ['document', 'file'],
] as const;

const messageSchema = z.record(z.string(), z.unknown());

/** The file that a message carries; of a picture its largest size. Undefined when it has none that a browser can show or keep. */
export function sentFileOf(content: unknown): SentFile | undefined {
  const message = messageSchema.safeParse(content).data ?? {};
  const photo = photoSchema.safeParse(message['photo']).data;
  if (photo) {
    const largest = photo.reduce((best, size) => (size.width * size.height > best.width * best.height ? size : best));
    return sentFile(largest, 'photo');
  }
  const sticker = stickerSchema.safeParse(message['sticker']).data;
  if (sticker) return sticker.is_animated || sticker.is_video ? undefined : sentFile(sticker, 'sticker');
  for (const [kind, name] of FILES) {
    const file = fileSchema.safeParse(message[kind]).data;
    if (file) return sentFile(file, name);
  }
  return undefined;
}

/** The word for a sticker that moves: no browser plays it. */
export function stickerWord(content: unknown): string | undefined {
  const sticker = stickerSchema.safeParse(messageSchema.safeParse(content).data?.['sticker']).data;
  return sticker && (sticker.emoji ?? '🙂');
}

function sentFile(
  { file_id, file_unique_id, file_size, file_name }: z.infer<typeof fileSchema>,
  name: string,
): SentFile {
  return { fileId: file_id, uniqueId: file_unique_id, name: file_name ?? name, size: file_size };
}
