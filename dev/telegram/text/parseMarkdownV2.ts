import type { TelegramEntity } from '../state/telegramTypes.ts';
import { byteOffset, cannotParse, type FormattedText, type OpenEntity, sortEntities } from './formattedText.ts';

/** Longer marks first. */
const marks: readonly [mark: string, type: string, name: string][] = [
  ['```', 'pre', 'Pre'],
  ['__', 'underline', 'Underline'],
  ['||', 'spoiler', 'Spoiler'],
  ['`', 'code', 'Code'],
  ['*', 'bold', 'Bold'],
  ['_', 'italic', 'Italic'],
  ['~', 'strikethrough', 'Strikethrough'],
];

const reserved = '_*[]()~`>#+-=|{}.!';

function isPrintableAscii(char: string): boolean {
  return char > ' ' && char <= '~';
}

class Parser {
  private readonly source: string;
  private index = 0;
  private text = '';
  private readonly entities: TelegramEntity[] = [];
  private readonly open: OpenEntity[] = [];
  private quote: { offset: number; expandable: boolean } | undefined;

  constructor(source: string) {
    this.source = source;
  }

  parse(): FormattedText {
    while (this.index < this.source.length) this.step();
    this.endQuote();
    const unclosed = this.open.at(-1);
    if (unclosed) throw this.noEnd(unclosed);
    return { text: this.text, entities: sortEntities(this.entities) };
  }

  private step(): void {
    const char = this.source[this.index] ?? '';
    const next = this.source[this.index + 1] ?? '';
    if (char === '\\' && isPrintableAscii(next)) return this.take(next, 2);
    const last = this.open.at(-1);
    if (last && (last.mark === '`' || last.mark === '```')) {
      if (this.source.startsWith(last.mark, this.index)) return this.close(last);
      if (char === '`') throw this.mustEscape(char);
      return this.take(char, 1);
    }
    if (this.quote && char === '\n') return this.lineEnd();
    if (char === '>' && this.atLineStart()) return this.startQuote();
    if (last?.mark === ']' && char === ']') return this.closeLink(last);
    if (char === '[') return this.start({ type: 'text_link', offset: this.text.length }, ']', 1);
    if (char === '!' && next === '[') return this.start({ type: 'custom_emoji', offset: this.text.length }, ']', 2);
    const found = marks.find(([mark]) => this.source.startsWith(mark, this.index));
    if (found) return this.toggle(found[0], found[1]);
    if (reserved.includes(char)) throw this.mustEscape(char);
    this.take(char, 1);
  }

  private take(text: string, length: number): void {
    this.text += text;
    this.index += length;
  }

  private atLineStart(): boolean {
    return this.index === 0 || this.source[this.index - 1] === '\n';
  }

  private start(entity: OpenEntity['entity'], mark: string, length: number): void {
    this.open.push({ entity, mark, sourceOffset: this.index });
    this.index += length;
  }

  private toggle(mark: string, type: string): void {
    const last = this.open.at(-1);
    if (last?.mark === mark) return this.close(last);
    // `||` that ends an expandable quotation's last line.
    if (mark === '||' && this.quote && /^(\n|$)/.test(this.source.slice(this.index + 2))) {
      this.quote.expandable = true;
      this.index += 2;
      return;
    }
    if (mark !== '```') return this.start({ type, offset: this.text.length }, mark, mark.length);
    const language = /^```([^\s`]+)\n/.exec(this.source.slice(this.index))?.[1];
    const skipsNewline = this.source[this.index + 3] === '\n' ? 1 : 0;
    const length = 3 + (language ? language.length + 1 : skipsNewline);
    this.start({ type, offset: this.text.length, ...(language && { language }) }, mark, length);
  }

  private close(last: OpenEntity): void {
    this.open.pop();
    this.entities.push({ ...last.entity, length: this.text.length - last.entity.offset });
    this.index += last.mark.length;
  }

  private closeLink(last: OpenEntity): void {
    this.open.pop();
    const length = this.text.length - last.entity.offset;
    const isEmoji = last.entity.type === 'custom_emoji';
    const address = /^\]\(((?:\\.|[^)\\])*)\)/.exec(this.source.slice(this.index));
    if (!address) {
      if (this.source[this.index + 1] === '(' || isEmoji) {
        const name = isEmoji ? 'CustomEmoji' : 'a URL';
        throw cannotParse(`Can't find end of ${name} at byte offset ${byteOffset(this.source, last.sourceOffset)}`);
      }
      this.index += 1;
      return;
    }
    const url = (address[1] ?? '').replace(/\\(.)/g, '$1');
    this.index += address[0].length;
    if (!isEmoji) {
      this.entities.push({ ...last.entity, length, url });
      return;
    }
    const emojiId = /^tg:\/\/emoji\?id=(\d+)$/.exec(url)?.[1];
    if (!emojiId) throw cannotParse('Custom emoji URL must have an emoji identifier');
    this.entities.push({ ...last.entity, length, custom_emoji_id: emojiId });
  }

  private startQuote(): void {
    this.quote ??= { offset: this.text.length, expandable: false };
    this.index += 1;
  }

  private lineEnd(): void {
    if (this.source[this.index + 1] !== '>') this.endQuote();
    this.take('\n', 1);
  }

  private endQuote(): void {
    if (!this.quote) return;
    const { offset, expandable } = this.quote;
    this.quote = undefined;
    const type = expandable ? 'expandable_blockquote' : 'blockquote';
    this.entities.push({ type, offset, length: this.text.length - offset });
  }

  private mustEscape(char: string) {
    return cannotParse(`Character '${char}' is reserved and must be escaped with the preceding '\\'`);
  }

  private noEnd({ entity, sourceOffset }: OpenEntity) {
    const names: Record<string, string> = { text_link: 'TextUrl', custom_emoji: 'CustomEmoji' };
    const name = names[entity.type] ?? marks.find(([, type]) => type === entity.type)?.[2] ?? entity.type;
    return cannotParse(`Can't find end of ${name} entity at byte offset ${byteOffset(this.source, sourceOffset)}`);
  }
}

/** Parses Telegram's MarkdownV2; the errors are Telegram's. */
export function parseMarkdownV2(source: string): FormattedText {
  return new Parser(source).parse();
}
