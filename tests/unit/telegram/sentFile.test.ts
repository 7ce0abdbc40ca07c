import { describe, expect, it } from 'vitest';
import { sentFileOf, stickerWord } from '../../../channels/telegram/sentFile.ts';

const file = { file_id: 'F', file_unique_id: 'U', file_size: 7 };
const sticker = { ...file, is_animated: false, is_video: false, emoji: '🎉' };

describe('sentFileOf', () => {
  it.each([
    ['document', { document: { ...file, file_name: 'offer.pdf' } }, 'offer.pdf'],
    ['voice', { voice: { ...file, mime_type: 'audio/ogg' } }, 'voice'],
    ['audio', { audio: { ...file, file_name: 'song.mp3' } }, 'song.mp3'],
    ['video', { video: file }, 'video'],
    ['video note', { video_note: file }, 'video'],
    ['sticker that does not move', { sticker }, 'sticker'],
  ])('finds the file of a %s', (_kind, content, name) => {
    expect(sentFileOf(content)).toEqual({ fileId: 'F', uniqueId: 'U', name, size: 7 });
  });

  it('takes the largest size of a picture, and the film of an animation', () => {
    const sizes = [90, 1280, 320].map((width) => ({ ...file, file_id: `${width}`, width, height: width }));
    expect(sentFileOf({ photo: sizes })).toEqual({ fileId: '1280', uniqueId: 'U', name: 'photo', size: 7 });
    const animation = { animation: { ...file, file_name: 'dance.mp4' }, document: { ...file, file_id: 'D' } };
    expect(sentFileOf(animation)).toMatchObject({ fileId: 'F', name: 'dance.mp4' });
  });

  it('finds none in words, in what no browser shows, and in nonsense', () => {
    const moving = { sticker: { ...sticker, is_animated: true } };
    for (const content of [{ text: 'Hi' }, moving, { photo: [] }, { document: {} }, { location: {} }, null, 7]) {
      expect(sentFileOf(content)).toBeUndefined();
    }
  });
});

it('says a sticker that moves by its emoji', () => {
  expect(stickerWord({ sticker: { ...sticker, is_video: true } })).toBe('🎉');
  expect(stickerWord({ sticker: { ...sticker, is_animated: true, emoji: undefined } })).toBe('🙂');
  expect(stickerWord({ text: 'Hi' })).toBeUndefined();
});
