import type { Parameters } from '../http/parameters.ts';
import type { InlineKeyboardButton, InlineKeyboardMarkup } from '../state/telegramTypes.ts';
import { badRequest } from '../telegramError.ts';

const maxCallbackDataBytes = 64;
const maxButtons = 100;

/** Telegram refuses hosts without a dot, `localhost` among them. */
function checkUrl(url: string): void {
  if (/^tg:\/\/./.test(url)) return;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isWeb = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.hostname.includes('.');
  if (!isWeb) throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`);
}

function readButton(value: unknown): InlineKeyboardButton {
  if (typeof value !== 'object' || value === null) {
    throw badRequest("can't parse inline keyboard button: InlineKeyboardButton must be an Object");
  }
  const button = value as Record<string, unknown>;
  if (typeof button['text'] !== 'string') {
    throw badRequest('can\'t parse inline keyboard button: Can\'t find field "text"');
  }
  if (button['text'] === '') throw badRequest('BUTTON_TEXT_INVALID');
  const text = button['text'];
  if (typeof button['url'] === 'string' && button['url']) {
    checkUrl(button['url']);
    return { text, url: button['url'] };
  }
  const data = button['callback_data'];
  if (typeof data === 'string' && data) {
    if (Buffer.byteLength(data) > maxCallbackDataBytes) throw badRequest('BUTTON_DATA_INVALID');
    return { text, callback_data: data };
  }
  throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
}

/** The inline keyboard of a call. Other keyboards are accepted and, as in a group nobody sees them, dropped. */
export function readReplyMarkup(parameters: Parameters): InlineKeyboardMarkup | undefined {
  const markup = parameters.object<Record<string, unknown>>('reply_markup');
  if (markup?.['inline_keyboard'] === undefined) return undefined;
  const rows: unknown = markup['inline_keyboard'];
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row))) {
    throw badRequest('can\'t parse reply keyboard markup: Field "inline_keyboard" must be an Array of Arrays');
  }
  const keyboard = rows.map((row: unknown[]) => row.map(readButton)).filter((row) => row.length > 0);
  if (keyboard.flat().length > maxButtons) throw badRequest('reply markup is too long');
  return keyboard.length > 0 ? { inline_keyboard: keyboard } : undefined;
}
